using System.Globalization;
using System.Text.Json;
using Fluid.Values;
using PeftCluster.Data.Tasks.Liquid;

namespace PeftCluster.Data.Tasks;

/// <summary>A row of a task: the values of its fields, and which choice is right.</summary>
/// <param name="Values">By the task's names for them.</param>
/// <param name="Right">The right choice, from 0.</param>
internal sealed record TaskRow(IReadOnlyDictionary<string, FluidValue> Values, int Right)
{
    /// <summary>About how many characters of text the row has.</summary>
    public int Characters => Values.Values.Sum(value => value is StringValue text ? text.ToStringValue().Length : 1);

    /// <summary>A field's value for a template. Numbers are numbers, so that filters can count with them.</summary>
    /// <exception cref="InvalidOperationException">A text in it is not Unicode.</exception>
    public static FluidValue ValueOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => new StringValue(element.GetString()!),
        JsonValueKind.Number => decimal.TryParse(element.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? NumberValue.Create(number) : new StringValue(element.GetRawText()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        JsonValueKind.Array => new ArrayValue([.. element.EnumerateArray().Select(ValueOf)]),
        JsonValueKind.Object => new DictionaryValue(new FieldParts(
            element.EnumerateObject().GroupBy(property => property.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => ValueOf(group.Last().Value), StringComparer.Ordinal))),
        _ => NilValue.Instance,
    };
}
