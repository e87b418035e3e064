using System.Text.RegularExpressions;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers.Patterns;

/// <summary>
/// What Split and Replace look for: <c>{"String": …}</c>, or <c>{"Regex": …}</c> in Oniguruma's syntax. A pattern that does
/// not come to an end on a text within a minute is an exception, not a hang.
/// </summary>
internal sealed class TextPattern
{
    private readonly Regex _regex;
    private readonly bool _foldsLongS;

    /// <param name="oniguruma">A pattern as Oniguruma writes it.</param>
    /// <exception cref="ArgumentException">The pattern is damaged, or has what .NET cannot say.</exception>
    public TextPattern(string oniguruma)
        : this(OnigurumaSyntax.ToDotNet(oniguruma), oniguruma.Contains("(?i", StringComparison.Ordinal))
    {
    }

    private TextPattern(string dotNet, bool foldsLongS)
    {
        _regex = new Regex(dotNet, RegexOptions.Compiled | RegexOptions.CultureInvariant | RegexOptions.Multiline, TimeSpan.FromMinutes(1));
        _foldsLongS = foldsLongS;
    }

    /// <summary>Reads a "pattern".</summary>
    public static TextPattern Read(JsonPlace place)
    {
        if (place.Get("Regex") is not { } regex)
        {
            var text = place.Need("String").Text();
            return text.Length > 0 ? new TextPattern(Regex.Escape(text), foldsLongS: false) : throw place.Bad("is empty.");
        }
        try
        {
            return new TextPattern(regex.Text());
        }
        catch (ArgumentException unknown)
        {
            throw new BadInputException(place.Bad($"is not a pattern that is supported: {unknown.Message.ReplaceLineEndings(" ")}").Message, unknown);
        }
    }

    /// <summary>The matches in a text, from left to right.</summary>
    public Matches In(ReadOnlySpan<char> text)
    {
        var shadow = CodePointShadow.Of(text, _foldsLongS);
        return new Matches(_regex.EnumerateMatches(shadow is null ? text : shadow), text, shadow is not null);
    }

    /// <summary>Start and end of each match; one may be empty.</summary>
    public ref struct Matches
    {
        private readonly ReadOnlySpan<char> _text;
        private readonly bool _shadowed;
        private Regex.ValueMatchEnumerator _matches;
        private int _shadowAt;
        private int _textAt;

        internal Matches(Regex.ValueMatchEnumerator matches, ReadOnlySpan<char> text, bool shadowed)
        {
            _matches = matches;
            _text = text;
            _shadowed = shadowed;
        }

        public (int Start, int End) Current { get; private set; }

        public readonly Matches GetEnumerator() => this;

        public bool MoveNext()
        {
            if (!_matches.MoveNext())
                return false;
            var match = _matches.Current;
            Current = _shadowed
                ? (Origin(match.Index), Origin(match.Index + match.Length))
                : (match.Index, match.Index + match.Length);
            return true;
        }

        /// <summary>Where a place of the shadow lies in the text. Places are asked for in order.</summary>
        private int Origin(int place)
        {
            for (; _shadowAt < place; _shadowAt++)
                _textAt += char.IsHighSurrogate(_text[_textAt]) && _textAt + 1 < _text.Length && char.IsLowSurrogate(_text[_textAt + 1]) ? 2 : 1;
            return _textAt;
        }
    }
}
