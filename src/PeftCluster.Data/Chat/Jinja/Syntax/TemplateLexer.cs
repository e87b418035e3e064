using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>
/// A template's text as tokens. White space is Jinja's with trim_blocks and lstrip_blocks: a line feed behind <c>%}</c> and <c>#}</c> goes,
/// blanks before a block or comment at the start of a line go, <c>-</c> takes all white space on its side, <c>+</c> keeps it. Comments and
/// raw blocks end here.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    /// <summary>The last token ended a line (or there was none): blanks from here are a line's start.</summary>
    private bool _lineStarts = true;

    private TemplateLexer(string source) => _source = source;

    /// <exception cref="TemplateFailure">What is no token, a comment or raw block without its end.</exception>
    public static List<Token> Read(string template)
    {
        var source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new TemplateLexer(source.EndsWith('\n') ? source[..^1] : source);
        while (lexer._at < lexer._source.Length)
            lexer.ReadData();
        lexer.Add(TokenKind.End);
        return lexer._tokens;
    }

    private void ReadData()
    {
        var tag = NextTag();
        if (tag < 0)
        {
            AddData(_source[_at..]);
            _at = _source.Length;
            return;
        }
        var (kind, sign) = (_source[tag + 1], tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : ' ');
        var text = _source[_at..tag];
        AddData(Stripped(text, kind, sign), text);
        _at = tag + (sign == ' ' ? 2 : 3);
        _lineStarts = false;
        if (kind == '#')
            SkipComment();
        else if (kind == '%' && RawEnd(tag) is { } body)
            ReadRaw(body);
        else
            ReadTag(kind);
    }

    private int NextTag()
    {
        for (var at = _source.IndexOf('{', _at); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        }
        return -1;
    }

    private string Stripped(string text, char kind, char sign)
    {
        if (sign == '-')
            return text.AsSpan().TrimEnd(PythonText.Spaces).ToString();
        if (sign == '+' || kind == '{')
            return text;
        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 || _lineStarts) && text.AsSpan(line).IndexOfAnyExcept(PythonText.Spaces) < 0 ? text[..line] : text;
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0 && _at < _source.Length)
            throw new TemplateFailure("Missing end of comment tag", _line);
        if (end < 0)
            return;
        _line += Lines(_source.AsSpan(_at, end - _at));
        var strip = end > _at && _source[end - 1] == '-';
        var keep = end > _at && _source[end - 1] == '+';
        _at = end + 2;
        PassSpace(strip, !keep);
    }

    /// <summary>Where the body of a raw block begins, if the tag opens one.</summary>
    private int? RawEnd(int tag)
    {
        var at = AfterSpace(_source, _at);
        if (string.CompareOrdinal(_source, at, "raw", 0, 3) != 0)
            return null;
        at = AfterSpace(_source, at + 3);
        if (string.CompareOrdinal(_source, at, "%}", 0, 2) == 0)
            return at + 2;
        return string.CompareOrdinal(_source, at, "-%}", 0, 3) == 0 ? AfterSpace(_source, at + 3) : null;
    }

    private void ReadRaw(int body)
    {
        _line += Lines(_source.AsSpan(_at, body - _at));
        _lineStarts = _source[body - 1] == '\n';
        _at = body;
        for (var tag = _source.IndexOf("{%", _at, StringComparison.Ordinal); tag >= 0; tag = _source.IndexOf("{%", tag + 1, StringComparison.Ordinal))
        {
            var sign = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : ' ';
            var at = AfterSpace(_source, tag + (sign == ' ' ? 2 : 3));
            if (string.CompareOrdinal(_source, at, "endraw", 0, 6) != 0)
                continue;
            at = AfterSpace(_source, at + 6);
            var mark = at < _source.Length && _source[at] is '-' or '+' ? _source[at] : ' ';
            if (string.CompareOrdinal(_source, at + (mark == ' ' ? 0 : 1), "%}", 0, 2) != 0)
                continue;
            var text = _source[_at..tag];
            AddData(Stripped(text, '%', sign), text);
            _line += Lines(_source.AsSpan(tag, at - tag));
            _at = at + (mark == ' ' ? 2 : 3);
            PassSpace(mark == '-', mark == ' ');
            return;
        }
        if (_at < _source.Length)
            throw new TemplateFailure("Missing end of raw directive", _line);
    }

    private void ReadTag(char kind)
    {
        Add(kind == '{' ? TokenKind.VariableBegin : TokenKind.BlockBegin);
        var (expressions, end) = (new ExpressionLexer(_source, _at, _line, _tokens), kind == '{' ? "}}" : "%}");
        while (true)
        {
            (_at, _line) = (expressions.At, expressions.Line);
            if (_at >= _source.Length)
                return; // the parser sees that the tag has no end
            if (!expressions.InBrackets && EndSign(end, kind) is { } sign)
            {
                Add(kind == '{' ? TokenKind.VariableEnd : TokenKind.BlockEnd);
                _at += sign == ' ' ? 2 : 3;
                PassSpace(sign == '-', kind == '%' && sign == ' ');
                return;
            }
            expressions.ReadOne();
        }
    }

    /// <summary>The sign of the tag's end, if it ends here; a blank for none.</summary>
    private char? EndSign(string end, char kind)
    {
        if (string.CompareOrdinal(_source, _at, end, 0, 2) == 0)
            return ' ';
        var signed = _source[_at] == '-' || (_source[_at] == '+' && kind == '%');
        return signed && string.CompareOrdinal(_source, _at + 1, end, 0, 2) == 0 ? _source[_at] : null;
    }

    /// <summary>Behind a tag: all white space, one line feed, or nothing goes.</summary>
    private void PassSpace(bool all, bool lineFeed)
    {
        var start = _at;
        if (all)
            _at = AfterSpace(_source, _at);
        else if (lineFeed && _at < _source.Length && _source[_at] == '\n')
            _at++;
        _line += Lines(_source.AsSpan(start, _at - start));
        _lineStarts = _at > start && _source[_at - 1] == '\n';
    }

    private void AddData(string text, string? whole = null)
    {
        if (text.Length > 0)
            _tokens.Add(new Token(TokenKind.Data, _line, text));
        _line += Lines(whole ?? text);
    }

    private void Add(TokenKind kind) => _tokens.Add(new Token(kind, _line));

    internal static int AfterSpace(string source, int at)
    {
        while (at < source.Length && PythonText.IsSpace(source[at]))
            at++;
        return at;
    }

    private static int Lines(ReadOnlySpan<char> text) => text.Count('\n');
}
