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
    public void Split(ReadOnlySpan<char> piece, bool first, PieceSink next)
    {
        var text = piece.ToString().Replace(" ", mark, StringComparison.Ordinal);
        var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && first);
        if (prepends && !text.StartsWith(mark, StringComparison.Ordinal))
            text = mark + text;

        var start = 0;
        // A mark cuts before itself, each of several.
        for (var at = 1; splits && at < text.Length; at++)
        {
            at = text.IndexOf(mark, at, StringComparison.Ordinal);
            if (at < 0)
                break;
            next(text.AsSpan(start, at - start), first && start == 0);
            start = at;
        }
        next(text.AsSpan(start), first && start == 0);
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
