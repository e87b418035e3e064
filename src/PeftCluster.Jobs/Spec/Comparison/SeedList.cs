using System.Globalization;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Comparison;

/// <summary>Seeds as people write them: <c>0-4</c>, <c>7</c>, <c>0,1,32,42,1024</c>, or a list of such in YAML.</summary>
public static class SeedList
{
    /// <summary>The most seeds of a comparison.</summary>
    public const int Most = 1000;

    private const string Wanted = "expected seeds as 0-4 or 0,1,32: whole numbers from 0 to 2147483647, each once";

    /// <param name="text">What was written.</param>
    /// <param name="where">What stands before an error's words, for example <c>--seeds</c>.</param>
    /// <exception cref="BadInputException">It is no such list.</exception>
    public static IReadOnlyList<int> Parse(string text, string where) =>
        Read(text) ?? throw new BadInputException($"{where}: {Wanted}, at most {Most}; found {Place.OneLine(text, most: 60)}.");

    internal static IReadOnlyList<int> Read(YamlNode node, string key)
    {
        var text = node switch
        {
            ScalarNode { IsNull: false } scalar => scalar.Text,
            ListNode list when list.Items.All(item => item is ScalarNode) => string.Join(',', list.Items.Select(item => ((ScalarNode)item).Text)),
            _ => "",
        };
        return Read(text) ?? throw node.Place.Error(key, $"{Wanted}, at most {Most}; found {node.Found}.");
    }

    private static List<int>? Read(string text)
    {
        var seeds = new List<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last || last < first || last - first >= Most - seeds.Count)
                return null;
            seeds.AddRange(Enumerable.Range(0, last - first + 1).Select(offset => first + offset));
        }
        return seeds.Distinct().Count() == seeds.Count ? seeds : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
