using System.Text;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers.Patterns;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Reads "pre_tokenizer" of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    private static readonly PreTokenizerSequence Nothing = new([]);

    public static IPreTokenizer Read(JsonPlace root) => root.Get("pre_tokenizer") is { } place ? Of(place) : Nothing;

    /// <summary>Whether text reaches the model as <see cref="ByteAlphabet"/> writes it.</summary>
    public static bool WritesBytes(JsonPlace root)
    {
        return root.Get("pre_tokenizer") is { } place && Writes(place);

        static bool Writes(JsonPlace place) => place.Type() == "ByteLevel"
            || (place.Type() == "Sequence" && place.Need("pretokenizers").Items().Any(Writes));
    }

    private static IPreTokenizer Of(JsonPlace place) => place.Type() switch
    {
        "Sequence" => new PreTokenizerSequence([.. place.Need("pretokenizers").Items().Select(Of)]),
        "ByteLevel" => new ByteLevel(place.Flag("add_prefix_space", missing: true), place.Flag("use_regex", missing: true)),
        "Split" => new PatternSplit(TextPattern.Read(place.Need("pattern")), Behavior(place.Need("behavior")), place.Flag("invert", missing: false)),
        "Whitespace" => new Whitespace(),
        "WhitespaceSplit" => new RuneSplit(Rune.IsWhiteSpace, SplitBehavior.Removed),
        "BertPreTokenizer" => new PreTokenizerSequence(
        [
            new RuneSplit(Rune.IsWhiteSpace, SplitBehavior.Removed), new RuneSplit(CharacterKind.IsPunctuation, SplitBehavior.Isolated),
        ]),
        "Punctuation" => new RuneSplit(
            CharacterKind.IsPunctuation, place.Get("behavior") is { } behavior ? Behavior(behavior) : SplitBehavior.Isolated),
        "Digits" => new RuneSplit(
            CharacterKind.IsNumeric, place.Flag("individual_digits", missing: false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
        "CharDelimiterSplit" => Delimiter(place.Need("delimiter")),
        "Metaspace" => Meta(place),
        var other => throw place.Bad(
            $"{other} is not supported. Known are ByteLevel, Split, Whitespace, WhitespaceSplit, BertPreTokenizer, Punctuation, Digits, CharDelimiterSplit, Metaspace, and a Sequence of them."),
    };

    private static Metaspace Meta(JsonPlace place)
    {
        var (mark, scheme) = Metaspace.Read(place);
        return new Metaspace(mark, scheme, place.Flag("split", missing: true));
    }

    private static RuneSplit Delimiter(JsonPlace place)
    {
        var text = place.Text();
        var delimiter = text.EnumerateRunes().FirstOrDefault();
        return text.Length > 0 && text.Length == delimiter.Utf16SequenceLength
            ? new RuneSplit(rune => rune == delimiter, SplitBehavior.Removed)
            : throw place.Bad("is not one character.");
    }

    private static SplitBehavior Behavior(JsonPlace place) => place.Text() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw place.Bad($"\"{OneLine.Piece(other)}\" is not supported. Known are Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous."),
    };
}
