using System.Globalization;
using System.Text.Json.Nodes;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>
/// The range of a number, said once on the record's property in the notation that users read: <c>[In("(0, 10]")]</c>,
/// a round bracket leaving its bound out. Validation, schema and docs/job-file.md all read this. On a list it holds for each item.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InAttribute(string interval) : Attribute
{
    public string Interval { get; } = interval;
}

/// <summary>An interval of numbers, as parsed from <see cref="InAttribute"/>.</summary>
internal sealed record Interval(string Text, decimal Low, bool LowIsIn, decimal High, bool HighIsIn)
{
    public static Interval Parse(string text)
    {
        var bounds = text[1..^1].Split(", ");
        return new Interval(text, Number(bounds[0]), text[0] == '[', Number(bounds[1]), text[^1] == ']');
    }

    public bool Contains(long value) =>
        (LowIsIn ? value >= Low : value > Low) && (HighIsIn ? value <= High : value < High);

    public bool Contains(double value) =>
        (LowIsIn ? value >= (double)Low : value > (double)Low) && (HighIsIn ? value <= (double)High : value < (double)High);

    /// <summary>Adds the bounds to a number's schema.</summary>
    public JsonObject Bound(JsonObject schema)
    {
        schema[LowIsIn ? "minimum" : "exclusiveMinimum"] = JsonNode.Parse(Low.ToString(CultureInfo.InvariantCulture));
        schema[HighIsIn ? "maximum" : "exclusiveMaximum"] = JsonNode.Parse(High.ToString(CultureInfo.InvariantCulture));
        return schema;
    }

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
