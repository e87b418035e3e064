namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// A vector that a state keeps beside the adapter (an optimizer's moments, an average, scores), under the name that a snapshot has it by. Most have the
/// adapter's layout; some are shorter.
/// </summary>
/// <param name="Name">Unlike all others of the state.</param>
/// <param name="Values">The memory itself: steps change it in place.</param>
public readonly record struct NamedVector(string Name, Memory<float> Values)
{
    /// <summary>Copies vectors into those of the same names.</summary>
    /// <param name="from">Any order.</param>
    /// <param name="into">What must come, no more and no less.</param>
    /// <exception cref="InvalidDataException">Other names or lengths; nothing is changed then.</exception>
    public static void Restore(IReadOnlyList<NamedVector> from, IReadOnlyList<NamedVector> into)
    {
        if (InWords(from) is var given && InWords(into) is var due && given != due)
            throw new InvalidDataException($"the snapshot holds {given} beside the adapter, but the job keeps {due}");
        foreach (var vector in into)
            from.First(one => one.Name == vector.Name).Values.CopyTo(vector.Values);
    }

    private static string InWords(IReadOnlyList<NamedVector> vectors) => vectors.Count == 0
        ? "nothing"
        : string.Join(", ", vectors.Select(vector => $"{vector.Name} [{vector.Values.Length}]").Order(StringComparer.Ordinal));
}
