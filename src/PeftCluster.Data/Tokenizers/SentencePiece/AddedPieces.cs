using System.Globalization;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>
/// What transformers adds to a SentencePiece model, as the model's folder says: tokens (added_tokens_decoder of
/// tokenizer_config.json, else added_tokens.json, else T5's &lt;extra_id_0&gt; and so on, counted back from the end), and the
/// tokens around a text.
/// </summary>
internal static class AddedPieces
{
    /// <summary>T5's sentinels, where nothing says how many.</summary>
    private const int ExtraIds = 100;

    private static readonly string[] T5Families = ["t5", "mt5", "umt5"];

    /// <summary>The tokens found in a text before SentencePiece sees it.</summary>
    public static IReadOnlyList<AddedToken> Read(string folder, SentencePieceModel model)
    {
        var config = Path.Combine(folder, "tokenizer_config.json");
        if (ModelFiles.ReadJson(config, root => root.Get("added_tokens_decoder") is { } tokens ? Decoder(tokens) : null) is { } decoder)
            return decoder;
        if (ModelFiles.ReadJson(Path.Combine(folder, "added_tokens.json"), Encoder) is { } encoder)
            return encoder;
        var extra = ModelFiles.ReadJson(config, root => root.Get("extra_ids")?.Count()) ?? (IsT5(folder) ? ExtraIds : 0);
        if (extra >= TextTokenizer.MostTokens - model.Pieces.Count)
            throw new Jobs.BadInputException($"{config}: extra_ids: {extra} are too many.");
        return [.. Enumerable.Range(0, extra).Select(number => Special($"<extra_id_{number.ToString(CultureInfo.InvariantCulture)}>", model.Pieces.Count + extra - 1 - number))];
    }

    /// <summary>The tokens around a text: add_bos_token and add_eos_token; where they are not said, T5's way or Llama's.</summary>
    public static SpecialFrame Frame(string folder, int? bos, int? eos)
    {
        var config = Path.Combine(folder, "tokenizer_config.json");
        var t5 = IsT5(folder) || bos is null;
        var (addsBos, addsEos) = ModelFiles.ReadJson(config, root => ((bool, bool)?)(root.Flag("add_bos_token", missing: !t5), root.Flag("add_eos_token", missing: t5)))
            ?? (!t5, t5);
        return new SpecialFrame(addsBos && bos is { } begin ? [begin] : [], addsEos && eos is { } end ? [end] : []);
    }

    /// <summary>Whether stretches between added tokens are texts of their own: unless tokenizer_config.json says legacy: false.</summary>
    public static bool IsLegacy(string folder) =>
        ModelFiles.ReadJson(Path.Combine(folder, "tokenizer_config.json"), root => (bool?)root.Flag("legacy", missing: true)) ?? true;

    private static bool IsT5(string folder) =>
        ModelFiles.ReadJson(Path.Combine(folder, "tokenizer_config.json"), root => root.Get("tokenizer_class")?.Text()) is { } name
            ? name.Contains("T5", StringComparison.Ordinal)
            : ModelFiles.ReadJson(Path.Combine(folder, "config.json"), root => root.Get("model_type")?.Text()) is { } type && T5Families.Contains(type);

    private static List<AddedToken> Decoder(JsonPlace tokens)
    {
        var added = new List<AddedToken>();
        foreach (var (name, place) in tokens.Fields())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= TextTokenizer.MostTokens)
                throw place.Bad("is not named by a token id.");
            added.Add(AddedToken.Read(place, id));
        }
        return added;
    }

    private static List<AddedToken> Encoder(JsonPlace root) => [.. root.Fields().Select(field => Special(field.Name, field.Value.Id()))];

    private static AddedToken Special(string text, int id) =>
        new(text, id, Special: true, Normalized: false, LeftStrip: false, RightStrip: false, SingleWord: false);
}
