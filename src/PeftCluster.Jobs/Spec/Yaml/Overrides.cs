namespace PeftCluster.Jobs.Spec.Yaml;

/// <summary>
/// Puts <c>--set KEY=VALUE</c> into the tree, in order: the last one for a key wins. A section that is not there yet is
/// made; a value that is no section is not turned into one.
/// </summary>
internal static class Overrides
{
    public static MapNode Apply(MapNode root, IReadOnlyList<string> overrides) =>
        overrides.Aggregate(root, Apply);

    private static MapNode Apply(MapNode root, string given)
    {
        var equals = given.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? given : given[..equals].Trim();
        var steps = key.Split('.');
        if (equals < 0 || key.Any(char.IsControl) || steps.Any(string.IsNullOrWhiteSpace))
            throw new BadInputException(
                $"--set {Place.OneLine(given, most: 60)}: expected KEY=VALUE, as in --set training.learning_rate=1e-4.");
        return Put(root, steps, 0, YamlTree.OfOverride(given[(equals + 1)..], key), Place.Override(key));
    }

    private static MapNode Put(MapNode section, string[] steps, int depth, YamlNode value, Place place)
    {
        if (depth >= YamlTree.DeepestNesting)
            throw place.Error("", $"the key has more than {YamlTree.DeepestNesting} parts.");
        var key = steps[depth];
        if (depth == steps.Length - 1)
            return section.With(new MapEntry(place, key, value));
        var inner = section.Get(key) switch
        {
            null or ScalarNode { IsNull: true } => new MapNode(place, []),
            MapNode map => map,
            var other => throw place.Error("", $"{string.Join('.', steps[..(depth + 1)])} is {other.Found} and has no key {steps[depth + 1]}."),
        };
        return section.With(new MapEntry(place, key, Put(inner, steps, depth + 1, value, place)));
    }
}
