using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>A section whose key <c>type</c> picks the record that the other keys belong to: the method, and a plugin's loss.</summary>
internal sealed class PickedType : KeyType
{
    private const string TypeKey = "type";

    private readonly string _what;
    private readonly Func<JobWords, IReadOnlyDictionary<string, Type>> _known;
    private readonly Func<string, string, object> _unread;

    private PickedType(string what, Func<JobWords, IReadOnlyDictionary<string, Type>> known, Func<string, string, object> unread) =>
        (_what, _known, _unread) = (what, known, unread);

    public static PickedType Method { get; } = new("method", words => words.Methods, (name, keys) => new UnreadMethod(name, keys));

    public static PickedType Loss { get; } = new("loss", words => words.Losses, (name, keys) => new UnreadLoss(name, keys));

    /// <summary>The records that need no plugin.</summary>
    public IReadOnlyDictionary<string, Type> BuiltIn => _known(JobWords.BuiltIn);

    public override string Kind => "a section of keys";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not MapNode map)
            throw Unexpected(node, key);
        var name = SectionType.Join(key, TypeKey);
        var known = _known(context.Words);
        if (map.Get(TypeKey) is not { } type)
            throw map.Place.Error(name, $"missing. {Known(known)}");
        if (type is not ScalarNode word)
            throw type.Place.Error(name, $"expected the name of a {_what}, found {type.Found}. {Known(known)}");
        if (known.TryGetValue(word.Text, out var record))
            return SectionType.Of(record).Read(map.Without(TypeKey), key, context);
        return context.Words.KeepsUnknown && !word.IsNull
            ? _unread(word.Text, YamlText.Write(map.Without(TypeKey)))
            : throw type.Place.Error(name, $"{type.Found} is no {_what}. {Known(known)}{Nearest.Hint(word.Text, known.Keys)}");
    }

    public override YamlNode Write(object value) => Write(value, keep: (_, _) => true);

    /// <summary>As <see cref="SectionType.Write(object, Func{KeyInfo, object, bool})"/>.</summary>
    public static MapNode Write(object value, Func<KeyInfo, object, bool> keep)
    {
        var name = value is MethodSpec method ? method.Type : ((LossSpec)value).Type;
        var entries = value is IUnread unread
            ? (YamlTree.OfFile(unread.Keys, name) as MapNode)?.Entries ?? []
            : SectionType.Of(value.GetType()).Write(value, keep).Entries;
        return new MapNode(default, [new MapEntry(default, TypeKey, Plain(name)), .. entries]);
    }

    public override JsonObject Schema(Func<MemberInfo, string> describe) => BuiltIn.Count == 0 ? OfPlugin() : new JsonObject
    {
        ["oneOf"] = new JsonArray([.. BuiltIn.Select(one => OneOf(one.Key, one.Value, describe)), OfPlugin()]),
    };

    private static string Known(IReadOnlyDictionary<string, Type> known) =>
        known.Count == 0 ? "Only plugins have one, and none of this job's has." : $"Known: {string.Join(", ", known.Keys)}.";

    private static JsonObject OneOf(string name, Type record, Func<MemberInfo, string> describe)
    {
        var schema = SectionType.Of(record).Schema(describe);
        var properties = (JsonObject)schema["properties"]!;
        properties.Insert(0, TypeKey, new JsonObject { ["const"] = name, ["description"] = describe(record) });
        var required = (JsonArray)(schema["required"] ??= new JsonArray());
        required.Insert(0, JsonValue.Create(TypeKey));
        return schema;
    }

    /// <summary>A plugin's keys are known when it is opened, not before.</summary>
    private JsonObject OfPlugin()
    {
        var name = new JsonObject { ["type"] = "string", ["description"] = $"A {_what} of one of the job's plugins, which has keys of its own." };
        if (BuiltIn.Count > 0)
            name["not"] = new JsonObject { ["enum"] = new JsonArray([.. BuiltIn.Keys.Select(one => JsonValue.Create(one))]) };
        return new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { [TypeKey] = name }, ["required"] = new JsonArray(TypeKey) };
    }
}
