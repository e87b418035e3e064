using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>
/// What may stand behind a key. One class per kind of value, each with the same verbs: read it from YAML (or say in one
/// line why not), write it back, describe it to the JSON schema, and say in words what it is.
/// </summary>
internal abstract class KeyType
{
    /// <summary>What the value is, with its article: "a whole number".</summary>
    public abstract string Kind { get; }

    /// <summary>What is allowed of that kind, or null: "[1, 4096]".</summary>
    public virtual string? Limits => null;

    /// <summary>The value of the record's property.</summary>
    /// <exception cref="BadInputException">The value is of another kind, or out of its limits.</exception>
    public abstract object Read(YamlNode node, string key, ReadingContext context);

    /// <summary>The value as YAML that <see cref="Read"/> turns into an equal one.</summary>
    public abstract YamlNode Write(object value);

    /// <param name="describe">The sentence about a member, from its doc comment.</param>
    public abstract JsonObject Schema(Func<MemberInfo, string> describe);

    protected BadInputException Unexpected(YamlNode node, string key) =>
        node.Place.Error(key, $"expected {(Limits is null ? Kind : $"{Kind} in {Limits}")}, found {node.Found}.");

    protected static ScalarNode Plain(string text) => new(default, text);

    protected static ScalarNode Quoted(string text) => new(default, text, Quoted: true);
}

/// <summary>What a reader knows besides the file.</summary>
/// <param name="CurrentFolder">The folder that relative paths start from; absolute.</param>
/// <param name="Words">The names that the job may use.</param>
internal sealed record ReadingContext(string CurrentFolder, JobWords Words);
