using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// The tokens of begin and end. tokenizer_config.json names them by text; where it does not, config.json, then
/// generation_config.json, give ids. Of a list the first counts.
/// </summary>
internal static class SpecialIds
{
    private static readonly string[] Configurations = ["config.json", "generation_config.json"];

    public static int? Find(string folder, string which, IReadOnlyDictionary<string, int> tokens) =>
        ByText(Path.Combine(folder, "tokenizer_config.json"), $"{which}_token", tokens)
        ?? Configurations.Select(file => ById(Path.Combine(folder, file), $"{which}_token_id")).FirstOrDefault(id => id is not null);

    /// <summary>Every token that ends an answer: the one of end, and all that config.json and generation_config.json list.</summary>
    public static IReadOnlyList<int> Ends(string folder, int? eos) =>
    [
        .. Configurations.SelectMany(file => AllById(Path.Combine(folder, file), "eos_token_id"))
            .Concat(eos is { } id ? [id] : []).Distinct().Order(),
    ];

    private static int? ByText(string file, string name, IReadOnlyDictionary<string, int> tokens) => ModelFiles.ReadJson(file, root =>
    {
        if (root.Get(name) is not { } place)
            return (int?)null;
        // A text, or the record of an added token.
        var text = place.Element.ValueKind == System.Text.Json.JsonValueKind.Object ? place.Need("content").Text() : place.Text();
        return tokens.TryGetValue(text, out var id) ? id : throw place.Bad($"\"{OneLine.Piece(text)}\" is not a token of {TokenizerFolder.NameIn(Path.GetDirectoryName(file)!)}.");
    });

    private static int? ById(string file, string name) => AllById(file, name) is [var first, ..] ? first : null;

    private static int[] AllById(string file, string name) => ModelFiles.ReadJson(file, root =>
    {
        if (root.Get(name) is not { } place)
            return [];
        return place.Element.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. place.Items().Select(item => item.Id())] : (int[])[place.Id()];
    }) ?? [];
}
