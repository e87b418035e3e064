using System.Globalization;

namespace PeftCluster.Cli.Rendering;

/// <summary>Tensors of one name in many layers as one line: the first number in a name is the layer's, and a star stands for it.</summary>
/// <param name="Name">With a star, or a whole name where there is only one.</param>
/// <param name="Layers">For example "0–31"; empty without layers.</param>
/// <param name="Items">What was put together.</param>
internal sealed record LayerGroup<T>(string Name, string Layers, IReadOnlyList<T> Items);

/// <summary>Makes the groups.</summary>
internal static class LayerGroups
{
    private const string Prefix = "base_model.model.";

    /// <summary>Groups in the order of their first items.</summary>
    /// <param name="items">Tensors.</param>
    /// <param name="nameOf">Its name.</param>
    /// <param name="alike">What must be equal within a group, for example the shape.</param>
    /// <param name="all">No groups: a line for each.</param>
    public static IReadOnlyList<LayerGroup<T>> Of<T>(IEnumerable<T> items, Func<T, string> nameOf, Func<T, string> alike, bool all) =>
    [
        .. items.Select((item, place) => (Item: item, Place: place, Split: Split(Short(nameOf(item)))))
            .GroupBy(one => all || one.Split.Layer is null ? $"{one.Place}" : $"{one.Split.Pattern}\n{alike(one.Item)}")
            .Select(group => group.ToArray())
            .Select(group => group.Length == 1
                ? new LayerGroup<T>(Short(nameOf(group[0].Item)), group[0].Split.Layer?.ToString(CultureInfo.InvariantCulture) ?? "", [group[0].Item])
                : new LayerGroup<T>(group[0].Split.Pattern, Ranges([.. group.Select(one => one.Split.Layer!.Value).Order()]), [.. group.Select(one => one.Item)])),
    ];

    /// <summary>A tensor's name without what each of PEFT's begins with.</summary>
    public static string Short(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;

    /// <summary>A shape as [8, 512].</summary>
    public static string Shape(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The least and the most of a group.</summary>
    public static string Range<T>(LayerGroup<T> group, Func<T, double> value)
    {
        double[] values = [.. group.Items.Select(value)];
        var (least, most) = (Figures.Short(values.Min()), Figures.Short(values.Max()));
        return least == most ? least : values.Any(double.IsNaN) ? "NaN" : $"{least}–{most}";
    }

    private static (string Pattern, int? Layer) Split(string name)
    {
        var parts = name.Split('.');
        var place = Array.FindIndex(parts, part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        if (place < 0)
            return (name, null);
        var layer = int.Parse(parts[place], CultureInfo.InvariantCulture);
        parts[place] = "*";
        return (string.Join('.', parts), layer);
    }

    // 0, 1, 2, 5 as "0–2, 5".
    private static string Ranges(IReadOnlyList<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (ranges.Count > 0 && number <= ranges[^1].Last + 1)
                ranges[^1] = (ranges[^1].First, number);
            else
                ranges.Add((number, number));
        }
        return string.Join(", ", ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}–{range.Last}"));
    }
}
