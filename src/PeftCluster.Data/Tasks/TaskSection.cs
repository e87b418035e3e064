using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Data.Tasks;

/// <summary>Keys of a task's file, each of which is known.</summary>
internal sealed class TaskSection
{
    private readonly MapNode _map;
    private readonly string _name;

    /// <param name="map">The section.</param>
    /// <param name="name">Its own key; empty for the whole file.</param>
    /// <param name="keys">The keys that it may have.</param>
    /// <exception cref="BadInputException">It has another.</exception>
    public TaskSection(MapNode map, string name, IReadOnlyList<string> keys)
    {
        (_map, _name) = (map, name);
        if (map.Entries.FirstOrDefault(entry => !keys.Contains(entry.Key)) is { } stranger)
            throw stranger.Place.Error(Key(stranger.Key), $"unknown key.{(Nearest.Hint(stranger.Key, keys) is { Length: > 0 } hint ? hint : $" Known here: {string.Join(", ", keys)}.")}");
    }

    public YamlNode Node => _map;

    /// <summary>The line that it begins in.</summary>
    public string Line => _map.Place.Text.Split(':')[^2];

    public string Key(string key) => _name.Length == 0 ? key : $"{_name}.{key}";

    public BadInputException Wrong(YamlNode at, string key, string what) => at.Place.Error(Key(key), what);

    /// <summary>A text, or null where there is none.</summary>
    public ScalarNode? Find(string key) => _map.Get(key) switch
    {
        null or ScalarNode { IsNull: true } => null,
        ScalarNode text when !string.IsNullOrWhiteSpace(text.Text) => text,
        var other => throw Wrong(other, key, $"expected a text, found {other.Found}."),
    };

    /// <summary>A text that has to be there.</summary>
    public ScalarNode Text(string key) => Find(key) ?? throw Wrong(_map.Get(key) ?? _map, key, "missing. Every task needs it (docs/tasks.md).");

    /// <summary>A list of texts, or null where there is none.</summary>
    public IReadOnlyList<ScalarNode>? Texts(string key, int fewest, int most)
    {
        if (_map.Get(key) is not { } node || node is ScalarNode { IsNull: true })
            return null;
        if (node is not ListNode list)
            throw Wrong(node, key, $"expected a list of texts, found {node.Found}.");
        if (list.Items.Count < fewest || list.Items.Count > most)
            throw Wrong(node, key, $"{list.Items.Count} items; {fewest} to {most} are allowed.");
        return [.. list.Items.Select((item, number) => item is ScalarNode { IsNull: false } text && !string.IsNullOrWhiteSpace(text.Text)
            ? text
            : throw Wrong(item, $"{key}[{number}]", $"expected a text, found {(item is ScalarNode ? "an empty one" : item.Found)}."))];
    }

    /// <summary>A list of sections, at least one.</summary>
    public IEnumerable<TaskSection> Sections(string key, int most, IReadOnlyList<string> keys)
    {
        if (_map.Get(key) is not ListNode { Items.Count: > 0 } list)
            throw Wrong(_map.Get(key) ?? _map, key, "expected a list of templates, each with name, prompt and choices (docs/tasks.md).");
        if (list.Items.Count > most)
            throw Wrong(list, key, $"{list.Items.Count} templates; at most {most} are allowed.");
        return list.Items.Select((item, number) => item is MapNode map
            ? new TaskSection(map, $"{key}[{number}]", keys)
            : throw Wrong(item, $"{key}[{number}]", $"expected a section with {string.Join(", ", keys)}, found {item.Found}."));
    }
}
