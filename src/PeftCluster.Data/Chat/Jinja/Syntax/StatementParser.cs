using PeftCluster.Data.Chat.Jinja.Tree;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>The tags: for, if, set, macro, call, filter, with, print, break, continue and generation.</summary>
internal sealed class StatementParser(TokenReader tokens, ExpressionParser expressions, TemplateParser template)
{
    private readonly OperandParser _operands = new(tokens);

    public IEnumerable<Statement> Parse()
    {
        var tag = tokens.Current;
        if (tag.Kind != TokenKind.Name)
            throw new TemplateFailure("tag name expected", tag.Line);
        tokens.Take();
        return tag.Text switch
        {
            "for" => [For(tag.Line)],
            "if" => [If(tag.Line)],
            "set" => [Set(tag.Line)],
            "macro" => [Macro(tag.Line)],
            "call" => [Call(tag.Line)],
            "filter" => [Filter(tag.Line)],
            "with" => [With(tag.Line)],
            "print" => Print(),
            "break" => [new JumpStatement(Flow.Break) { Line = tag.Line }],
            "continue" => [new JumpStatement(Flow.Continue) { Line = tag.Line }],
            "generation" => [new GenerationStatement(template.WholeBody("generation", tag.Line, "endgeneration")) { Line = tag.Line }],
            "include" or "import" or "from" or "extends" or "block" => throw new TemplateFailure($"the tag '{tag.Text}' is not supported: a chat template is one file. Write what it brings in its place", tag.Line),
            "autoescape" => throw new TemplateFailure("the tag 'autoescape' is not supported: chat templates are no HTML. Take it out", tag.Line),
            _ => throw template.UnknownTag(tag.Text, tag.Line),
        };
    }

    private ForStatement For(int line)
    {
        var target = Target(ends: "in");
        tokens.NeedName("in");
        var items = expressions.ParseTuple(withCondition: false, ends: "recursive");
        var test = tokens.SkipName("if") ? expressions.Parse() : null;
        var recursive = tokens.SkipName("recursive");
        var body = template.Body("for", line, "endfor", "else");
        var otherwise = tokens.Take().Text == "else" ? template.WholeBody("for", line, "endfor") : null;
        // Jinja makes nothing of an else without anything in it.
        return new ForStatement(target, items, test, recursive, body, otherwise is { Statements.Count: 0 } ? null : otherwise) { Line = line };
    }

    private IfStatement If(int line)
    {
        var branches = new List<(Expression, Block)>();
        string end;
        do
        {
            var test = expressions.ParseTuple(withCondition: false);
            branches.Add((test, template.Body("if", line, "elif", "else", "endif")));
            end = tokens.Take().Text;
        }
        while (end == "elif");
        return new IfStatement(branches, end == "else" ? template.WholeBody("if", line, "endif") : new Block([])) { Line = line };
    }

    private Statement Set(int line)
    {
        var target = Target(withAttributes: true);
        if (tokens.SkipOperator("="))
            return new SetStatement(target, expressions.ParseTuple()) { Line = line };
        var filter = _operands.Filter(null, expressions);
        return new SetBlockStatement(target, filter, template.WholeBody("set", line, "endset")) { Line = line };
    }

    private WithStatement With(int line)
    {
        var pairs = new List<(Target, Expression)>();
        while (tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (pairs.Count > 0)
                tokens.NeedOperator(",");
            var target = Target();
            tokens.NeedOperator("=");
            pairs.Add((target, expressions.Parse()));
        }
        return new WithStatement(pairs, template.WholeBody("with", line, "endwith")) { Line = line };
    }

    private FilterStatement Filter(int line) =>
        new(_operands.Filter(null, expressions, startsWithName: true)!, template.WholeBody("filter", line, "endfilter")) { Line = line };

    private MacroStatement Macro(int line)
    {
        var name = NewName();
        var (parameters, defaults) = Signature();
        return new MacroStatement(name, new MacroBody(name, parameters, defaults, template.WholeBody("macro", line, "endmacro"))) { Line = line };
    }

    private CallStatement Call(int line)
    {
        var (parameters, defaults) = tokens.IsOperator("(") ? Signature() : ([], []);
        var call = expressions.Parse() as CallExpression ?? throw new TemplateFailure("expected call", line);
        return new CallStatement(call, new MacroBody(null, parameters, defaults, template.WholeBody("call", line, "endcall"))) { Line = line };
    }

    private List<Statement> Print()
    {
        var printed = new List<Statement>();
        while (tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (printed.Count > 0)
                tokens.NeedOperator(",");
            var line = tokens.Line;
            printed.Add(new PrintStatement(expressions.Parse()) { Line = line });
        }
        return printed;
    }

    private (List<string> Parameters, List<Expression> Defaults) Signature()
    {
        var (parameters, defaults) = (new List<string>(), new List<Expression>());
        tokens.NeedOperator("(");
        while (!tokens.IsOperator(")"))
        {
            if (parameters.Count > 0)
                tokens.NeedOperator(",");
            parameters.Add(NewName());
            if (tokens.SkipOperator("="))
                defaults.Add(expressions.Parse());
            else if (defaults.Count > 0)
                throw new TemplateFailure("non-default argument follows default argument", tokens.Line);
        }
        tokens.NeedOperator(")");
        return (parameters, defaults);
    }

    private string NewName()
    {
        var name = tokens.Need(TokenKind.Name);
        return Assignable(name) ? name.Text : throw new TemplateFailure($"can't assign to '{name.Text}'", name.Line);
    }

    /// <summary>Names that a value can be given to, several of them with commas between.</summary>
    private Target Target(string? ends = null, bool withAttributes = false)
    {
        var (targets, isTuple) = (new List<Target>(), false);
        while (true)
        {
            if (targets.Count > 0)
                tokens.NeedOperator(",");
            if (tokens.Current.Kind == TokenKind.BlockEnd || tokens.IsOperator(")") || (ends is not null && tokens.IsName(ends)))
                break;
            targets.Add(OneTarget(withAttributes));
            if (!tokens.IsOperator(","))
                break;
            isTuple = true;
        }
        return isTuple ? new TupleTarget(targets)
            : targets.Count == 1 ? targets[0]
            : throw new TemplateFailure($"Expected an expression, got '{tokens.Current.Described}'", tokens.Line);
    }

    private Target OneTarget(bool withAttributes)
    {
        var token = tokens.Take();
        if (token.IsOperator("("))
        {
            tokens.Enter();
            var inner = tokens.IsOperator(")") ? new TupleTarget([]) : Target();
            tokens.Leave();
            tokens.NeedOperator(")");
            return inner;
        }
        if (token.Kind != TokenKind.Name || !Assignable(token))
            throw new TemplateFailure(token.Kind is TokenKind.Name or TokenKind.Number or TokenKind.Text ? "can't assign to 'const'" : $"unexpected '{token.Described}'", token.Line);
        if (!withAttributes || !tokens.SkipOperator("."))
            return new NameTarget(token.Text);
        return new AttributeTarget(token.Text, tokens.Need(TokenKind.Name).Text);
    }

    private static bool Assignable(Token name) => name.Text is not ("true" or "True" or "false" or "False" or "none" or "None");
}
