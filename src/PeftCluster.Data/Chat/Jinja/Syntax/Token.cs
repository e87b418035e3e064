using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>What a token is. An operator's text is its sign.</summary>
internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Number,
    Operator,
    End,
}

/// <param name="Line">The line of the template, from 1.</param>
/// <param name="Text">The words, the sign, or the text of a literal.</param>
/// <param name="Number">The value of a number.</param>
internal readonly record struct Token(TokenKind Kind, int Line, string Text = "", Value? Number = null)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string sign) => Kind == TokenKind.Operator && Text == sign;

    /// <summary>The token in a message, as Jinja names it.</summary>
    public string Described => Kind switch
    {
        TokenKind.VariableBegin => "begin of print statement",
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.Data => "template data / text",
        TokenKind.End => "end of template",
        TokenKind.Text => "string",
        TokenKind.Number => Number is IntValue ? "integer" : "float",
        _ => Formats.OneLine.Piece(Text),
    };
}
