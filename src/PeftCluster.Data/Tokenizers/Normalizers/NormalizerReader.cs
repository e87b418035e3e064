using PeftCluster.Data.Tokenizers.Patterns;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Reads "normalizer" of tokenizer.json.</summary>
internal static class NormalizerReader
{
    private static readonly NormalizerSequence Nothing = new([]);

    public static INormalizer Read(JsonPlace root) => root.Get("normalizer") is { } place ? Of(place) : Nothing;

    private static INormalizer Of(JsonPlace place) => place.Type() switch
    {
        "Sequence" => new NormalizerSequence([.. place.Need("normalizers").Items().Select(Of)]),
        "NFC" => new FormNormalizer(UnicodeForm.Nfc),
        "NFD" => new FormNormalizer(UnicodeForm.Nfd),
        "NFKC" => new FormNormalizer(UnicodeForm.Nfkc),
        "NFKD" => new FormNormalizer(UnicodeForm.Nfkd),
        "Lowercase" => new Lowercase(),
        "Strip" => new StripEnds(place.NeedFlag("strip_left"), place.NeedFlag("strip_right")),
        "StripAccents" => new StripAccents(),
        "Nmt" => new Nmt(),
        "Prepend" => new Prepend(place.Need("prepend").Text()),
        "Replace" => new Replace(TextPattern.Read(place.Need("pattern")), place.Need("content").Text()),
        "Precompiled" => new Precompiled(Map(place.Need("precompiled_charsmap"))),
        "BertNormalizer" => Bert(place),
        var other => throw place.Bad(
            $"{other} is not supported. Known are NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, Prepend, Replace, Precompiled, BertNormalizer, and a Sequence of them."),
    };

    private static CharacterMap Map(JsonPlace place)
    {
        var text = place.Text();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && CharacterMap.Read(bytes.AsSpan(0, length)) is { } map
            ? map
            : throw place.Bad("is damaged. Copy the file again from where the model came from.");
    }

    // strip_accents: null means what lowercase says.
    private static BertNormalizer Bert(JsonPlace place)
    {
        var lowercase = place.Flag("lowercase", missing: true);
        return new BertNormalizer(
            place.Flag("clean_text", missing: true),
            place.Flag("handle_chinese_chars", missing: true),
            place.Flag("strip_accents", missing: lowercase),
            lowercase);
    }
}
