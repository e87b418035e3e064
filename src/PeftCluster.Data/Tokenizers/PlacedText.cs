using System.Text;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Text on its way to tokens. Where somebody asks what tokens cover, it has for each of its chars the stretch of the original text that
/// the char came from; a char that was put in has its neighbour's. Unusual: the same components carry both kinds, so that ids cannot
/// depend on whether places are asked for.
/// </summary>
/// <param name="Text">The text as it is now.</param>
/// <param name="Places">One stretch for each char; null: nobody asks.</param>
internal readonly record struct PlacedText(string Text, TextSpan[]? Places)
{
    /// <summary>A part of an original text.</summary>
    public static PlacedText Of(string original, int start, int end, bool asks) => new(
        original[start..end],
        asks ? [.. Enumerable.Range(start, end - start).Select(at => new TextSpan(at, at + 1))] : null);

    /// <summary>What a part of this text came from; nothing where nobody asks. The part is not empty.</summary>
    public TextSpan PlaceOf(int start, int end) => Places is null ? default : Joined(Places.AsSpan(start, end - start));

    public PlacedText Slice(int start, int end) => new(Text[start..end], Places?[start..end]);

    public TextPiece Piece(int start, int end, bool first) => new(Text.AsSpan(start, end - start), Places is null ? default : Places.AsSpan(start, end - start), first);

    public static TextSpan Joined(ReadOnlySpan<TextSpan> places)
    {
        var joined = places[0];
        foreach (var place in places[1..])
            joined = joined.With(place);
        return joined;
    }
}

/// <summary>Puts a <see cref="PlacedText"/> together, from left to right.</summary>
internal sealed class PlacedBuilder(PlacedText source)
{
    private readonly StringBuilder _text = new(source.Text.Length + 16);
    private readonly List<TextSpan>? _places = source.Places is null ? null : new(source.Text.Length + 16);

    /// <summary>The text so far. Who appends to it says afterwards, with <see cref="Place"/>, what it came from.</summary>
    public StringBuilder Text => _text;

    /// <summary>A part of the source as it is.</summary>
    public void Copy(int start, int end)
    {
        _text.Append(source.Text, start, end - start);
        if (_places is not null)
            _places.AddRange(source.Places!.AsSpan(start, end - start));
    }

    /// <summary>Something else in place of a part of the source.</summary>
    public void Add(ReadOnlySpan<char> text, int start, int end)
    {
        _text.Append(text);
        Place(start, end);
    }

    /// <summary>What was appended since the last call came from a part of the source.</summary>
    public void Place(int start, int end)
    {
        if (_places is not null && _places.Count < _text.Length)
            PlaceAt(source.PlaceOf(start, end));
    }

    /// <summary>What was appended since the last call came from this stretch of the original.</summary>
    public void PlaceAt(TextSpan place)
    {
        while (_places is not null && _places.Count < _text.Length)
            _places.Add(place);
    }

    public PlacedText Built() => new(_text.ToString(), _places?.ToArray());
}
