namespace PeftCluster.Data.Tokenizers;

/// <summary>A piece of normalized text, with the places that <see cref="PlacedText"/> has, if it has them.</summary>
internal readonly ref struct TextPiece(ReadOnlySpan<char> text, ReadOnlySpan<TextSpan> places, bool first)
{
    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>One stretch of the original for each char; empty: nobody asks.</summary>
    public ReadOnlySpan<TextSpan> Places { get; } = places;

    /// <summary>It begins where the whole text begins.</summary>
    public bool First { get; } = first;

    public bool HasPlaces => !Places.IsEmpty;

    /// <summary>What a part of the piece came from. The part is not empty, and somebody asks.</summary>
    public TextSpan PlaceOf(int start, int end) => PlacedText.Joined(Places[start..end]);

    public TextPiece Slice(int start, int end) => new(Text[start..end], HasPlaces ? Places[start..end] : default, First && start == 0);

    /// <summary>What each byte of the piece's UTF-8 came from: of a code point's bytes each came from all of it. Empty where nobody asks.</summary>
    public TextSpan[] BytePlaces()
    {
        if (!HasPlaces)
            return [];
        var (places, at) = (new List<TextSpan>(Text.Length), 0);
        foreach (var rune in Text.EnumerateRunes())
            places.AddRange(Enumerable.Repeat(PlaceOf(at, at += rune.Utf16SequenceLength), rune.Utf8SequenceLength));
        return [.. places];
    }

    /// <summary>The piece with something before it, which counts as a part of the first char.</summary>
    public TextPiece After(string what)
    {
        if (!HasPlaces)
            return new TextPiece(string.Concat(what, Text), default, First);
        var places = new TextSpan[what.Length + Text.Length];
        Array.Fill(places, Places[0], 0, what.Length);
        Places.CopyTo(places.AsSpan(what.Length));
        return new TextPiece(string.Concat(what, Text), places, First);
    }
}
