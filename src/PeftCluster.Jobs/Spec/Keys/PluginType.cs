using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>A plugin: the path of its assembly, or <c>{path, sha256}</c>.</summary>
internal sealed class PluginType : KeyType
{
    private static readonly PathType PathOnly = new();

    public override string Kind => "a path, or {path, sha256},";

    public override object Read(YamlNode node, string key, ReadingContext context) => node switch
    {
        ScalarNode => new PluginReference { Path = (string)PathOnly.Read(node, key, context) },
        MapNode => SectionType.Of(typeof(PluginReference)).Read(node, key, context),
        _ => throw Unexpected(node, key),
    };

    public override YamlNode Write(object value) => value is PluginReference { Sha256: null } plugin
        ? PathOnly.Write(plugin.Path)
        : SectionType.Of(typeof(PluginReference)).Write(value);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["oneOf"] = new JsonArray(PathOnly.Schema(describe), SectionType.Of(typeof(PluginReference)).Schema(describe)),
    };
}
