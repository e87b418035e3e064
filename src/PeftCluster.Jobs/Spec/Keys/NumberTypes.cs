using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>An <c>int</c> or <c>long</c>, in decimal digits.</summary>
internal sealed partial class WholeNumberType(Interval interval, bool isLong) : KeyType
{
    public override string Kind => "a whole number";

    public override string Limits => interval.Text;

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not ScalarNode { Quoted: false } scalar || !Digits().IsMatch(scalar.Text))
            throw Unexpected(node, key);
        if (!long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            || !interval.Contains(value))
            throw node.Place.Error(key, $"{node.Found} is not in {interval.Text}.");
        return isLong ? value : (object)checked((int)value);
    }

    public override YamlNode Write(object value) => Plain(Convert.ToString(value, CultureInfo.InvariantCulture)!);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => interval.Bound(new JsonObject { ["type"] = "integer" });

    [GeneratedRegex("^[-+]?[0-9]+$")]
    private static partial Regex Digits();
}

/// <summary>A finite <c>double</c>, in the notation of YAML 1.2: 2, 0.002, 2.0e-3, 1e-4.</summary>
internal sealed partial class NumberType(Interval interval) : KeyType
{
    public override string Kind => "a number";

    public override string Limits => interval.Text;

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not ScalarNode { Quoted: false } scalar || !Decimal().IsMatch(scalar.Text))
            throw Unexpected(node, key);
        var value = double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value) || !interval.Contains(value))
            throw node.Place.Error(key, $"{node.Found} is not in {interval.Text}.");
        return value + 0.0; // -0 becomes 0: one number, one text, one digest.
    }

    public override YamlNode Write(object value) =>
        Plain(((double)value).ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'));

    public override JsonObject Schema(Func<MemberInfo, string> describe) => interval.Bound(new JsonObject { ["type"] = "number" });

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Decimal();
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class FlagType : KeyType
{
    public override string Kind => "true or false";

    public override object Read(YamlNode node, string key, ReadingContext context) => node switch
    {
        ScalarNode { Quoted: false, Text: "true" or "True" or "TRUE" } => true,
        ScalarNode { Quoted: false, Text: "false" or "False" or "FALSE" } => false,
        _ => throw Unexpected(node, key),
    };

    public override YamlNode Write(object value) => Plain((bool)value ? "true" : "false");

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new() { ["type"] = "boolean" };
}
