namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>The tokens, one after the other, with what a parser asks of them.</summary>
internal sealed class TokenReader(List<Token> tokens)
{
    /// <summary>Jinja's own parser gives up at about 70 levels of brackets.</summary>
    private const int MostDepth = 200;

    private int _at;
    private int _depth;

    public Token Current => tokens[_at];

    public Token Following => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public Token Take() => Current.Kind == TokenKind.End ? Current : tokens[_at++];

    public bool IsOperator(string sign) => Current.IsOperator(sign);

    public bool IsName(string name) => Current.IsName(name);

    public bool SkipOperator(string sign)
    {
        var found = Current.IsOperator(sign);
        _at += found ? 1 : 0;
        return found;
    }

    public bool SkipName(string name)
    {
        var found = Current.IsName(name);
        _at += found ? 1 : 0;
        return found;
    }

    public void NeedOperator(string sign)
    {
        if (!SkipOperator(sign))
            throw Expected(sign);
    }

    public Token Need(TokenKind kind) => Current.Kind == kind ? Take() : throw Expected(kind == TokenKind.Name ? "name" : new Token(kind, 0).Described);

    public void NeedName(string name)
    {
        if (!SkipName(name))
            throw Expected(name);
    }

    public TemplateFailure Expected(string what) => new(Current.Kind == TokenKind.End
        ? $"unexpected end of template, expected '{what}'."
        : $"expected token '{what}', got '{Current.Described}'", Line);

    public void Enter()
    {
        if (++_depth > MostDepth)
            throw new TemplateFailure("is nested too deeply", Line);
        Budget.Guard();
    }

    public void Leave() => _depth--;
}
