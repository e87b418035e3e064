using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>One key of a section: a property of its record, and all that its attributes say about it.</summary>
internal sealed class KeyInfo
{
    /// <param name="property">The property; the key is its name in snake_case.</param>
    /// <param name="example">The record with its defaults, to read this key's default from.</param>
    public KeyInfo(PropertyInfo property, object example)
    {
        Property = property;
        Name = SnakeCase.Of(property.Name);
        Type = KeyTypes.Of(property);
        Nullable = new NullabilityInfoContext().Create(property).WriteState is NullabilityState.Nullable;
        Example = property.GetCustomAttribute<ExampleAttribute>()?.Yaml;
        FilledFrom = property.GetCustomAttribute<FilledInAttribute>()?.From;
        OutsideResult = property.IsDefined(typeof(OutsideResultAttribute));
        AddedLater = property.IsDefined(typeof(AddedLaterAttribute));
        Before = property.GetCustomAttribute<AddedLaterAttribute>()?.Before;
        Default = Required || FilledFrom is not null ? null : property.GetValue(example);
    }

    public PropertyInfo Property { get; }

    public string Name { get; }

    public KeyType Type { get; }

    /// <summary>Whether null is a value: "nothing of this".</summary>
    public bool Nullable { get; }

    /// <summary>What a required key's error shows; null where the key is not required.</summary>
    public string? Example { get; }

    public bool Required => Example is not null;

    /// <summary>What a missing key is filled from, in words, or null.</summary>
    public string? FilledFrom { get; }

    public bool OutsideResult { get; }

    public bool AddedLater { get; }

    public object? Default { get; }

    /// <summary>What runs did before there was the key, where that is not its default; else null.</summary>
    public object? Before { get; }

    /// <summary>Whether the key says nothing that runs without it would not have done.</summary>
    public bool SaysNothingNew(object record) => AddedLater && Equals(Property.GetValue(record), Before ?? Default);

    public object? Read(YamlNode node, string key, ReadingContext context) => node switch
    {
        ScalarNode { IsNull: true } when Nullable => null,
        ScalarNode { IsNull: true } when Type is SectionType => Type.Read(new MapNode(node.Place, []), key, context),
        _ => Type.Read(node, key, context),
    };

    public YamlNode Write(object record) =>
        Property.GetValue(record) is { } value ? Type.Write(value) : new ScalarNode(default, "null");

    public JsonObject Schema(Func<MemberInfo, string> describe)
    {
        var schema = Type.Schema(describe);
        var mayBeNull = Nullable || (Type is SectionType && !Required); // An empty section has its defaults.
        if (mayBeNull && schema["type"] is JsonValue type)
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        else if (mayBeNull && schema["oneOf"] is JsonArray choices)
            choices.Add((JsonNode)new JsonObject { ["type"] = "null" });
        schema["description"] = describe(Property);
        if (!Required && FilledFrom is null && Type is not SectionType)
            schema["default"] = YamlJson.Of(Default is null ? new ScalarNode(default, "null") : Type.Write(Default));
        return schema;
    }
}
