using System.Text.RegularExpressions;
using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Reads pre_tokenizer: ByteLevel alone, or a Sequence of Split (Isolated) and Digits that ends with ByteLevel.
/// ByteLevel's turning of bytes into letters is the encoder's work; here it may only cut and add a space.
/// </summary>
internal static class WordStageReader
{
    private const string Known = "Known are ByteLevel, and a Sequence of Split and Digits that ends with ByteLevel";

    public static WordSplitter Read(JsonPlace root)
    {
        var place = root.Get("pre_tokenizer")
            ?? throw root.Bad($"has no pre_tokenizer. {TokenizerFile.Supported}, which has the pre-tokenizer ByteLevel.");
        List<JsonPlace> parts = place.Type() == "Sequence" ? [.. place.Need("pretokenizers").Items()] : [place];
        if (parts.Count == 0 || parts[^1].Type() != "ByteLevel")
            throw place.Bad($"{place.Type()} does not end with ByteLevel. {TokenizerFile.Supported}.");

        var stages = new List<IWordStage>();
        foreach (var part in parts)
            AddStages(part, stages, last: part == parts[^1]);
        return new WordSplitter(stages);
    }

    private static void AddStages(JsonPlace place, List<IWordStage> stages, bool last)
    {
        switch (place.Type())
        {
            case "ByteLevel" when last:
                if (place.Flag("add_prefix_space", missing: true))
                    stages.Add(new PrefixSpaceStage());
                if (place.Flag("use_regex", missing: true))
                    stages.Add(new RegexStage(RegexStage.Gpt2));
                break;
            case "Digits":
                stages.Add(new RegexStage(place.Flag("individual_digits", missing: false) ? @"\p{N}" : @"\p{N}+"));
                break;
            case "Split":
                stages.Add(Split(place));
                break;
            case var other:
                throw place.Bad($"{other} is not supported here. {Known}.");
        }
    }

    private static RegexStage Split(JsonPlace place)
    {
        var behavior = place.Need("behavior");
        if (behavior.Text() != "Isolated" || place.Flag("invert", missing: false))
            throw place.Bad($"Split with behavior {OneLine.Piece(behavior.Text())} or invert is not supported. Known is Isolated, not inverted.");
        var pattern = place.Need("pattern");
        var regex = pattern.Get("Regex")?.Text() ?? Regex.Escape(pattern.Need("String").Text());
        try
        {
            return new RegexStage(regex);
        }
        catch (ArgumentException unknown)
        {
            var reason = unknown.Message.ReplaceLineEndings(" ");
            throw new Jobs.BadInputException(pattern.Bad($"is not a pattern that is supported: {reason}").Message, unknown);
        }
    }
}
