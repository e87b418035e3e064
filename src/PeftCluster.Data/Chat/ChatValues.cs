using System.Globalization;
using System.Numerics;
using System.Text.Json;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat;

/// <summary>JSON as the template's values: 1 stays an int and 1.0 a float, ints of any size, keys in their order.</summary>
internal static class ChatValues
{
    public static Value Of(JsonElement json)
    {
        Budget.Guard();
        return json.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => NoneValue.None,
            JsonValueKind.True => BoolValue.True,
            JsonValueKind.False => BoolValue.False,
            JsonValueKind.String => new TextValue(json.GetString()!),
            JsonValueKind.Number => Number(json.GetRawText()),
            JsonValueKind.Array => new ListValue([.. json.EnumerateArray().Select(Of)]),
            _ => new DictValue(json.EnumerateObject().Select(field => KeyValuePair.Create((Value)field.Name, Of(field.Value)))),
        };
    }

    private static Value Number(string digits)
    {
        if (digits.AsSpan().ContainsAny('.', 'e', 'E'))
            return new FloatValue(double.Parse(digits, CultureInfo.InvariantCulture));
        return digits.Length <= 4300 ? IntValue.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture))
            : throw new TemplateFailure("a number has more than 4300 digits");
    }
}
