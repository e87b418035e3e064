using System.Globalization;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// The classes that a model folder's model names, by their number, where it is a classifier: id2label of config.json; where that is missing
/// two, as transformers assumes. Null for models that write text.
/// </summary>
internal static class ClassNames
{
    private static readonly string[] Families = ["bert", "roberta"];

    public static IReadOnlyList<string>? Of(string folder)
    {
        var file = Path.Combine(folder, "config.json");
        return File.Exists(file) ? JsonPlace.Read(file, ModelFiles.ReadAll(file), Read) : null;
    }

    private static string[]? Read(JsonPlace root)
    {
        if (root.Get("model_type") is not { } type || !Families.Contains(type.Text()))
            return null;
        if (root.Get("id2label") is not { } names)
            return ["LABEL_0", "LABEL_1"];
        var count = names.Fields().Count();
        return [.. Enumerable.Range(0, count).Select(number => names.Need(number.ToString(CultureInfo.InvariantCulture)).Text())];
    }
}
