namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>All keys of a job, as one list of full names: <c>training.learning_rate</c>. Keys of every method are in it.</summary>
internal static class JobKeys
{
    public static SectionType Root => SectionType.Of(typeof(JobSpec));

    public static IEnumerable<(string Name, KeyInfo Key)> All() => Below("", Root);

    /// <summary>The full name of the one key that has this last part, or null where none has or several have it.</summary>
    public static string? Elsewhere(string lastPart)
    {
        var same = All().Where(key => key.Key.Name == lastPart).Take(2).ToList();
        return same.Count == 1 ? same[0].Name : null;
    }

    private static IEnumerable<(string Name, KeyInfo Key)> Below(string section, SectionType type) =>
        type.Keys.SelectMany(key =>
        {
            var name = SectionType.Join(section, key.Name);
            var inner = key.Type switch
            {
                SectionType below => Below(name, below),
                PickedType picked => picked.BuiltIn.Values.SelectMany(record => Below(name, SectionType.Of(record))),
                _ => [],
            };
            return inner.Prepend((name, key));
        });
}
