using PeftCluster.Data.Tokenizers.Patterns;
using PeftCluster.Data.Tokenizers.PreTokenizers;

namespace PeftCluster.Data.Tokenizers.Decoders;

/// <summary>Reads "decoder" of tokenizer.json.</summary>
internal static class DecoderReader
{
    public static IDecoder Read(JsonPlace root) => root.Get("decoder") is { } place ? Of(place) : new SpaceBetween();

    private static IDecoder Of(JsonPlace place) => place.Type() switch
    {
        "Sequence" => new DecoderSequence([.. place.Need("decoders").Items().Select(Of)]),
        "ByteLevel" => new ByteLevelDecoder(),
        "ByteFallback" => new ByteFallback(),
        "Fuse" => new Fuse(),
        "Metaspace" => Meta(place),
        "WordPiece" => new WordPieceDecoder(place.Get("prefix")?.Text() ?? "##", place.Flag("cleanup", missing: true)),
        "BPEDecoder" => Suffix(place),
        "Replace" => new ReplaceDecoder(TextPattern.Read(place.Need("pattern")), place.Need("content").Text()),
        "Strip" => Strip(place),
        var other => throw place.Bad(
            $"{other} is not supported. Known are ByteLevel, ByteFallback, Fuse, Metaspace, WordPiece, BPEDecoder, Replace, Strip, and a Sequence of them."),
    };

    private static MetaspaceDecoder Meta(JsonPlace place)
    {
        var (mark, scheme) = Metaspace.Read(place);
        return new MetaspaceDecoder(mark, scheme);
    }

    private static SuffixDecoder Suffix(JsonPlace place)
    {
        var suffix = place.Get("suffix")?.Text() ?? "</w>";
        return suffix.Length > 0 ? new SuffixDecoder(suffix) : throw place.Bad("suffix is empty.");
    }

    private static StripDecoder Strip(JsonPlace place) => place.Need("content") is var content && content.Text() is [var letter]
        ? new StripDecoder(letter, place.Need("start").Count(), place.Need("stop").Count())
        : throw place.Need("content").Bad("is not one character.");
}
