using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary><c>workers: 3</c> for exactly three, or <c>workers: {min: 1, max: 4}</c>.</summary>
internal sealed class WorkersType(Interval interval) : KeyType
{
    private readonly WholeNumberType _number = new(interval, isLong: false);

    public override string Kind => "a whole number, or {min, max},";

    public override string Limits => interval.Text;

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is ScalarNode { Quoted: false } scalar && double.TryParse(scalar.Text, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            var number = (int)_number.Read(node, key, context);
            return new WorkersRange(number, number);
        }
        if (node is not MapNode)
            throw Unexpected(node, key);
        var range = (WorkersRange)SectionType.Of(typeof(WorkersRange)).Read(node, key, context);
        return range.Min <= range.Max
            ? range
            : throw node.Place.Error(key, $"min {range.Min} is above max {range.Max}.");
    }

    public override YamlNode Write(object value)
    {
        var range = (WorkersRange)value;
        return range.Min == range.Max ? _number.Write(range.Min) : SectionType.Of(typeof(WorkersRange)).Write(range);
    }

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["oneOf"] = new JsonArray(_number.Schema(describe), SectionType.Of(typeof(WorkersRange)).Schema(describe)),
    };
}
