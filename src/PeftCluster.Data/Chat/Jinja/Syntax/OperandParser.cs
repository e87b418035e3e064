using PeftCluster.Data.Chat.Jinja.Tree;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>What signs stand between: literals, names, brackets; and what follows them: attributes, items, calls, filters, tests.</summary>
internal sealed class OperandParser(TokenReader tokens)
{
    public Expression Primary(ExpressionParser inner)
    {
        var (line, token) = (tokens.Line, tokens.Current);
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Take();
                return Named(token);
            case TokenKind.Text:
                var text = "";
                while (tokens.Current.Kind == TokenKind.Text)
                    text += tokens.Take().Text;
                return new Constant(text) { Line = line };
            case TokenKind.Number:
                return new Constant(tokens.Take().Number!) { Line = line };
            case TokenKind.Operator when token.Text == "(":
                tokens.Take();
                tokens.Enter();
                var tuple = inner.ParseTuple(inParentheses: true);
                tokens.Leave();
                tokens.NeedOperator(")");
                return tuple;
            case TokenKind.Operator when token.Text == "[":
                return new SequenceExpression(Items("]", () => inner.Parse()), isTuple: false) { Line = line };
            case TokenKind.Operator when token.Text == "{":
                return new DictExpression(Items("}", () => Pair(inner))) { Line = line };
            default:
                throw new TemplateFailure($"unexpected '{token.Described}'", line);
        }
    }

    private static Expression Named(Token name) => name.Text switch
    {
        "true" or "True" => new Constant(BoolValue.True) { Line = name.Line },
        "false" or "False" => new Constant(BoolValue.False) { Line = name.Line },
        "none" or "None" => new Constant(NoneValue.None) { Line = name.Line },
        _ => new NameExpression(name.Text) { Line = name.Line },
    };

    private (Expression Key, Expression Value) Pair(ExpressionParser inner)
    {
        var key = inner.Parse();
        tokens.NeedOperator(":");
        return (key, inner.Parse());
    }

    /// <summary>What stands in brackets, with commas between and perhaps one at the end.</summary>
    private List<T> Items<T>(string close, Func<T> parse)
    {
        tokens.Take();
        var items = new List<T>();
        while (!tokens.IsOperator(close))
        {
            if (items.Count > 0)
                tokens.NeedOperator(",");
            if (tokens.IsOperator(close))
                break;
            items.Add(parse());
        }
        tokens.NeedOperator(close);
        return items;
    }

    public Expression Postfix(Expression operand, ExpressionParser inner)
    {
        while (true)
        {
            if (tokens.IsOperator("."))
                operand = Dotted(operand);
            else if (tokens.IsOperator("["))
                operand = Subscript(operand, inner);
            else if (tokens.IsOperator("("))
                operand = Call(operand, inner);
            else
                return operand;
        }
    }

    private Expression Dotted(Expression holder)
    {
        var line = tokens.Take().Line;
        var name = tokens.Take();
        return name.Kind == TokenKind.Name ? new AttributeExpression(holder, name.Text) { Line = line }
            : name is { Kind: TokenKind.Number, Number: IntValue index } ? new ItemExpression(holder, new Constant(index) { Line = line }) { Line = line }
            : throw new TemplateFailure("expected name or number", name.Line);
    }

    private Expression Subscript(Expression holder, ExpressionParser inner)
    {
        var (line, keys) = (tokens.Take().Line, new List<Expression>());
        while (!tokens.IsOperator("]"))
        {
            if (keys.Count > 0)
                tokens.NeedOperator(",");
            var start = tokens.IsOperator(":") ? null : inner.Parse();
            if (!tokens.SkipOperator(":"))
            {
                keys.Add(start!);
                continue;
            }
            var stop = AtPartEnd || tokens.IsOperator(":") ? null : inner.Parse();
            var step = tokens.SkipOperator(":") && !AtPartEnd ? inner.Parse() : null;
            if (keys.Count > 0 || !tokens.IsOperator("]"))
                throw new TemplateFailure("a slice stands alone in its brackets", line);
            tokens.Take();
            return new SliceExpression(holder, start, stop, step) { Line = line };
        }
        tokens.Take();
        return new ItemExpression(holder, keys.Count == 1 ? keys[0] : new SequenceExpression(keys, isTuple: true) { Line = line }) { Line = line };
    }

    private bool AtPartEnd => tokens.IsOperator("]") || tokens.IsOperator(",");

    private CallExpression Call(Expression callee, ExpressionParser inner)
    {
        var line = tokens.Line;
        return new CallExpression(callee, Arguments(inner)) { Line = line };
    }

    public Expression FiltersAndTests(Expression operand, ExpressionParser inner)
    {
        while (true)
        {
            if (tokens.IsOperator("|"))
                operand = Filter(operand, inner)!;
            else if (tokens.IsName("is"))
                operand = Test(operand, inner);
            else if (tokens.IsOperator("("))
                operand = Call(operand, inner);
            else
                return operand;
        }
    }

    /// <summary>| name(…) | name …; without an operand for the filters of a block.</summary>
    public FilterExpression? Filter(Expression? operand, ExpressionParser inner, bool startsWithName = false)
    {
        FilterExpression? filter = null;
        while (startsWithName || tokens.SkipOperator("|"))
        {
            startsWithName = false;
            var (line, name) = (tokens.Line, DottedName());
            filter = new FilterExpression(filter ?? operand, name, tokens.IsOperator("(") ? Arguments(inner) : ArgumentList.None) { Line = line };
        }
        return filter;
    }

    private Expression Test(Expression operand, ExpressionParser inner)
    {
        var line = tokens.Take().Line;
        var negated = tokens.SkipName("not");
        var name = DottedName();
        var arguments = ArgumentList.None;
        if (tokens.IsOperator("("))
        {
            arguments = Arguments(inner);
        }
        else if (StartsOperand(tokens.Current))
        {
            if (tokens.IsName("is"))
                throw new TemplateFailure("You cannot chain multiple tests with is", tokens.Line);
            arguments = new ArgumentList([Postfix(Primary(inner), inner)], [], null, null);
        }
        Expression test = new TestExpression(operand, name, arguments) { Line = line };
        return negated ? new NotExpression(test) { Line = line } : test;
    }

    private static bool StartsOperand(Token token) => token.Kind is TokenKind.Text or TokenKind.Number
        || token is { Kind: TokenKind.Name, Text: not ("else" or "or" or "and") }
        || token is { Kind: TokenKind.Operator, Text: "[" or "{" };

    private string DottedName()
    {
        var name = tokens.Need(TokenKind.Name).Text;
        while (tokens.SkipOperator("."))
            name += "." + tokens.Need(TokenKind.Name).Text;
        return name;
    }

    private ArgumentList Arguments(ExpressionParser inner)
    {
        var line = tokens.Line;
        tokens.NeedOperator("(");
        var (placed, named) = (new List<Expression>(), new List<(string, Expression)>());
        Expression? spread = null, spreadNamed = null;
        for (var first = true; !tokens.IsOperator(")"); first = false)
        {
            if (!first)
                tokens.NeedOperator(",");
            if (!first && tokens.IsOperator(")"))
                break;
            if (tokens.IsOperator("*"))
            {
                Ensure(spread is null && spreadNamed is null);
                tokens.Take();
                spread = inner.Parse();
            }
            else if (tokens.IsOperator("**"))
            {
                Ensure(spreadNamed is null);
                tokens.Take();
                spreadNamed = inner.Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                var name = tokens.Take().Text;
                Ensure(spreadNamed is null && named.All(given => given.Item1 != name));
                tokens.Take();
                named.Add((name, inner.Parse()));
            }
            else
            {
                Ensure(spread is null && spreadNamed is null && named.Count == 0);
                placed.Add(inner.Parse());
            }
        }
        tokens.NeedOperator(")");
        return new ArgumentList(placed, named, spread, spreadNamed);

        void Ensure(bool fits)
        {
            if (!fits)
                throw new TemplateFailure("invalid syntax for function call expression", line);
        }
    }
}
