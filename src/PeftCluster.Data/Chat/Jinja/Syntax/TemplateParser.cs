using PeftCluster.Data.Chat.Jinja.Tree;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>A template's text as a tree of statements.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private readonly StatementParser _statements;

    /// <summary>The tags that are open, for messages: each with its line and the tags that it waits for.</summary>
    private readonly Stack<(string Tag, int Line, string[] Ends)> _open = [];

    private TemplateParser(TokenReader tokens)
    {
        (_tokens, _expressions) = (tokens, new ExpressionParser(tokens));
        _statements = new StatementParser(tokens, _expressions, this);
    }

    /// <exception cref="TemplateFailure">What is no template: the line, and what is wrong there.</exception>
    public static Block Parse(string template)
    {
        var parser = new TemplateParser(new TokenReader(TemplateLexer.Read(template)));
        return parser.Statements([]);
    }

    /// <summary>The inside of a tag, up to one of the tags that end it; that one is the next token.</summary>
    public Block Body(string tag, int line, params string[] ends)
    {
        _tokens.SkipOperator(":"); // Jinja lets one write it as in Python
        _tokens.Need(TokenKind.BlockEnd);
        _tokens.Enter();
        _open.Push((tag, line, ends));
        var body = Statements(ends);
        if (_tokens.Current.Kind == TokenKind.End)
            throw new TemplateFailure($"Unexpected end of template. Jinja was looking for the following tags: {InWords(ends)}. The innermost block that needs to be closed is '{tag}' of line {line}.", _tokens.Line);
        _open.Pop();
        _tokens.Leave();
        return body;
    }

    /// <summary>The inside of a tag that only one tag ends, that one included.</summary>
    public Block WholeBody(string tag, int line, string end)
    {
        var body = Body(tag, line, end);
        _tokens.Take();
        return body;
    }

    public TemplateFailure UnknownTag(string name, int line) => new(
        $"Encountered unknown tag '{Formats.OneLine.Piece(name)}'." + (_open.TryPeek(out var open) ? $" The innermost block that needs to be closed is '{open.Tag}' of line {open.Line}, by {InWords(open.Ends)}." : ""), line);

    private Block Statements(string[] ends)
    {
        var statements = new List<Statement>();
        while (_tokens.Current.Kind != TokenKind.End)
        {
            var token = _tokens.Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Text) { Line = token.Line });
                    break;
                case TokenKind.VariableBegin:
                    var line = _tokens.Line;
                    statements.Add(new PrintStatement(_expressions.ParseTuple()) { Line = line });
                    _tokens.Need(TokenKind.VariableEnd);
                    break;
                default:
                    if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
                        return new Block(statements);
                    statements.AddRange(_statements.Parse());
                    _tokens.Need(TokenKind.BlockEnd);
                    break;
            }
        }
        return new Block(statements);
    }

    private static string InWords(string[] ends) => string.Join(" or ", ends.Select(end => $"'{end}'"));
}
