namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>When <see cref="Metaspace"/> puts its mark before a text that does not begin with one.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>
/// Metaspace: spaces become a mark (▁), a mark is put before the text, and words are cut so that each keeps the mark
/// before it. Keys of old files (add_prefix_space, str_rep) say the same.
/// </summary>
internal sealed class Metaspace(string mark, PrependScheme scheme, bool splits) : IPreTokenizer
{
    public void Split(TextPiece piece, PieceSink next)
    {
        piece = Marked(piece);
        var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.First);
        if (prepends && !piece.Text.StartsWith(mark))
            piece = piece.After(mark);

        var start = 0;
        // A mark cuts before itself, each of several.
        for (var at = 1; splits && at < piece.Text.Length; at++)
        {
            var found = piece.Text[at..].IndexOf(mark);
            if (found < 0)
                break;
            at += found;
            next(piece.Slice(start, at));
            start = at;
        }
        next(piece.Slice(start, piece.Text.Length));
    }

    private TextPiece Marked(TextPiece piece)
    {
        var text = piece.Text.ToString().Replace(" ", mark, StringComparison.Ordinal);
        if (!piece.HasPlaces || text.Length == piece.Text.Length)
            return new TextPiece(text, piece.Places, piece.First);
        // A mark of two chars: each is the space.
        var places = new List<TextSpan>(text.Length);
        for (var at = 0; at < piece.Text.Length; at++)
            places.AddRange(Enumerable.Repeat(piece.Places[at], piece.Text[at] == ' ' ? mark.Length : 1));
        return new TextPiece(text, places.ToArray(), piece.First);
    }

    /// <summary>Reads mark and scheme, which the decoder of this name has too.</summary>
    public static (string Mark, PrependScheme Scheme) Read(JsonPlace place)
    {
        var mark = place.Need("replacement");
        if (mark.Text().EnumerateRunes().Count() != 1)
            throw mark.Bad("is not one character.");
        var scheme = place.Get("prepend_scheme") is not { } word ? PrependScheme.Always : word.Text() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw word.Bad($"\"{Formats.OneLine.Piece(other)}\" is not supported. Known are always, first, never."),
        };
        if (!place.Flag("add_prefix_space", missing: true) && place.Get("prepend_scheme") is null)
            scheme = PrependScheme.Never;
        else if (!place.Flag("add_prefix_space", missing: true) && scheme != PrependScheme.Never)
            throw place.Bad("add_prefix_space is false, which contradicts prepend_scheme.");
        return (mark.Text(), scheme);
    }
}
