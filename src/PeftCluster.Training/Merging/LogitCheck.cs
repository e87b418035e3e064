using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Merging;

/// <summary>
/// Whether a merged model computes what base and adapter compute: the logits of a few rows of random tokens, of one model at a time. The
/// rows are made of random ids, so that no tokenizer is needed.
/// </summary>
internal static class LogitCheck
{
    private const int RowCount = 3;
    private const int LongestRow = 24;

    /// <summary>Logits of the base with an adapter.</summary>
    public static float[] OfAdapted(string folder, AdapterPlan plan, ReadOnlySpan<float> vector, CancellationToken cancellation)
    {
        using var weights = SharedWeights.Of(folder, cancellation);
        using var adapted = new AdaptedModel(weights.Config, name => weights.Store[name], plan);
        adapted.Vector.Load(vector);
        return Logits(adapted.Model, cancellation);
    }

    /// <summary>Logits of a model as its files are.</summary>
    public static float[] Of(string folder, CancellationToken cancellation)
    {
        using var weights = SharedWeights.Of(folder, cancellation);
        return Logits(weights.Config.Build(name => weights.Store[name]), cancellation);
    }

    /// <summary>The largest difference by the largest magnitude of what is due. Not a number where either is none.</summary>
    public static double Difference(ReadOnlySpan<float> due, ReadOnlySpan<float> found)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(found.Length, due.Length);
        var (largest, difference) = (0.0, 0.0);
        for (var index = 0; index < due.Length; index++)
        {
            // Math.Max passes NaN on.
            largest = Math.Max(largest, Math.Abs((double)due[index]));
            difference = Math.Max(difference, Math.Abs((double)due[index] - found[index]));
        }
        return difference / largest;
    }

    /// <summary>
    /// The difference that rounding explains: float32's in the order of sums; a 16-bit format rounds every merged weight once more.
    /// </summary>
    public static double Limit(IEnumerable<SafetensorsType> types) => types.Max(type => type switch
    {
        SafetensorsType.BF16 => 5e-2,
        SafetensorsType.F16 => 1e-2,
        _ => 1e-4,
    });

    private static float[] Logits(IModel model, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        return model.Labelled(Rows(model.Config), cancellation).Logits().to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }

    // A classifier's completion is one number, a class, which its logits do not depend on.
    private static PromptRows Rows(ModelConfig config)
    {
        var random = new PhiloxStream(0, PhiloxPurpose.MergeCheck);
        var longest = Math.Min(LongestRow, config.ContextLength);
        int[][] rows = [.. Enumerable.Range(1, RowCount).Select(row => Enumerable.Range(0, Math.Max(2, longest * row / RowCount)).Select(_ => random.NextBelow(config.VocabularySize)).ToArray())];
        if (config.Task == PeftTask.Classification)
            rows = [.. rows.Select(row => (int[])[.. row[..^1], 0])];
        return new PromptRows(rows.Length, row => rows[row], row => config.Task == PeftTask.Classification ? rows[row].Length - 1 : rows[row].Length / 2);
    }
}
