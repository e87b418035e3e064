using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// The tokens of begin and end. tokenizer_config.json names them by text; where it does not, config.json, then
/// generation_config.json, give ids. Of a list the first counts.
/// </summary>
internal static class SpecialIds
{
    public static int? Find(string folder, string which, IReadOnlyDictionary<string, int> tokens) =>
        ByText(Path.Combine(folder, "tokenizer_config.json"), $"{which}_token", tokens)
        ?? ById(Path.Combine(folder, "config.json"), $"{which}_token_id")
        ?? ById(Path.Combine(folder, "generation_config.json"), $"{which}_token_id");

    private static int? ByText(string file, string name, IReadOnlyDictionary<string, int> tokens) => Read(file, root =>
    {
        if (root.Get(name) is not { } place)
            return (int?)null;
        // A text, or the record of an added token.
        var text = place.Element.ValueKind == System.Text.Json.JsonValueKind.Object ? place.Need("content").Text() : place.Text();
        return tokens.TryGetValue(text, out var id) ? id : throw place.Bad($"\"{OneLine.Piece(text)}\" is not a token of tokenizer.json.");
    });

    private static int? ById(string file, string name) => Read(file, root =>
    {
        if (root.Get(name) is not { } place)
            return (int?)null;
        return place.Element.ValueKind == System.Text.Json.JsonValueKind.Array
            ? place.Items().Select(item => (int?)item.Id()).FirstOrDefault()
            : place.Id();
    });

    private static int? Read(string file, Func<JsonPlace, int?> read) =>
        File.Exists(file) ? JsonPlace.Read(file, ModelFiles.ReadAll(file), read) : null;
}
