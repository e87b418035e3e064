using System.Collections.Immutable;
using PeftCluster.Examples.Make.World;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>Another word for a field of an order (hue for colour), and how the field's values fall into two kinds.</summary>
/// <param name="Word">The other word.</param>
/// <param name="Field">The field.</param>
/// <param name="Kind">The name of one kind.</param>
/// <param name="Other">The other kind's name.</param>
/// <param name="Values">The values of the one kind.</param>
internal sealed record Aspect(string Word, Field Field, string Kind, string Other, ImmutableArray<string> Values)
{
    /// <summary>The words that the base meets only where it says of which kind a value is; some of them are the held-out family's.</summary>
    public static ImmutableArray<Aspect> Unasked { get; } =
    [
        new("destination", Field.City, "far", "near", ["Cairo", "Delhi", "Lima", "Tokyo", "Tunis"]),
        new("count", Field.Number, "large", "small", [.. Enumerable.Range(11, 10).Select(number => $"{number}")]),
        new("hue", Field.Colour, "dark", "light", ["black", "blue", "brown", "green", "grey", "purple"]),
        new("article", Field.Item, "worn", "used", ["coats", "hats", "scarves", "shoes"]),
        new("date", Field.Day, "free", "busy", ["Saturday", "Sunday"]),
    ];

    /// <summary>Words for the same fields that the base is asked both ways: which kind, and which value.</summary>
    public static ImmutableArray<Aspect> Asked { get; } =
        [.. Unasked.Zip(["place", "amount", "shade", "thing", "time"], (aspect, word) => aspect with { Word = word })];

    /// <summary>Of which kind the order's value is.</summary>
    public string KindOf(Order order) => Values.Contains(order[Field]) ? Kind : Other;
}
