using PeftCluster.Steps.Layout;

namespace PeftCluster.Training.Costs;

/// <summary>
/// What has to be kept for a task, in bytes, as T-Few's paper counts it (arXiv:2205.05638, section 4.2): an adapter's numbers, or the ids of the worked examples
/// that stand in a prompt, 32 bits each. A file is some kB larger by its header.
/// </summary>
public static class StorageBytes
{
    private const int OfNumber = 4;

    /// <summary>An adapter in float32, as files hold it.</summary>
    /// <param name="layout">The tensors of the file. What is trained is what is written, but where <see cref="Peft.AdapterPlan.Exported"/> gives another layout (P-tuning).</param>
    public static long OfAdapter(VectorLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return OfNumber * layout.Slices.Where(slice => slice.Exported).Sum(slice => (long)slice.Length);
    }

    /// <summary>Worked examples as token ids.</summary>
    public static double OfShots(ExampleTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return OfNumber * tokens.Shots;
    }
}
