namespace PeftCluster.Jobs.Spec.Yaml;

/// <summary>
/// A value as it was written, with its place. The tree is plain: no anchors, no tags, no shared nodes, no repeated keys.
/// </summary>
internal abstract record YamlNode(Place Place)
{
    /// <summary>What an error line calls this value: "expected a whole number, found …".</summary>
    public abstract string Found { get; }
}

/// <summary>One word or text. Only an unquoted one can be a number, true, false or nothing.</summary>
internal sealed record ScalarNode(Place Place, string Text, bool Quoted = false) : YamlNode(Place)
{
    private const int LongestShown = 60;

    public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string Found => IsNull ? "nothing" : Quoted ? $"the text \"{Shown}\"" : Shown;

    private string Shown => Text.Length <= LongestShown ? Text : Text[..LongestShown] + "…";
}

internal sealed record ListNode(Place Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place)
{
    public override string Found => Items.Count == 0 ? "an empty list" : "a list";
}

/// <summary>Keys with values, in the order they were written.</summary>
internal sealed record MapNode(Place Place, IReadOnlyList<MapEntry> Entries) : YamlNode(Place)
{
    public override string Found => "a section of keys";

    public YamlNode? Get(string key) => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The value of a key by its full name, <c>training.seed</c>; null: it is not there.</summary>
    public YamlNode? Find(string key) =>
        key.Split('.').Aggregate((YamlNode?)this, (node, part) => (node as MapNode)?.Get(part));

    /// <summary>
    /// The section with another one's keys over it: sections within it likewise, but one that a <c>type</c> picks (the method) is taken whole, since its keys are that type's.
    /// </summary>
    public MapNode Overlaid(MapNode over) => over.Entries.Aggregate(this, (merged, entry) => merged.With(
        merged.Get(entry.Key) is MapNode below && entry.Value is MapNode above && above.Get("type") is null ? entry with { Value = below.Overlaid(above) } : entry));

    public MapNode Without(string key) => this with { Entries = [.. Entries.Where(entry => entry.Key != key)] };

    /// <summary>The same section with <paramref name="entry"/> in the place of the one with its key, or at the end.</summary>
    public MapNode With(MapEntry entry) => Get(entry.Key) is null
        ? this with { Entries = [.. Entries, entry] }
        : this with { Entries = [.. Entries.Select(old => old.Key == entry.Key ? entry : old)] };
}

internal sealed record MapEntry(Place Place, string Key, YamlNode Value);
