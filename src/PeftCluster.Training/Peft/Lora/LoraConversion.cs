using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// An adapter that began as a part of the base's weight as a plain LoRA of rank 2r on the base as it is, PEFT's conversion: A' = [A; A₀],
/// B' = [B, −B₀], with α chosen so that the scale stays.
/// </summary>
internal static class LoraConversion
{
    /// <param name="spec">How it was trained.</param>
    /// <param name="targets">Its layers.</param>
    /// <param name="trained">Slices and values of A, B.</param>
    /// <param name="frozen">Slices and values of A₀, B₀.</param>
    public static ExportedAdapter Of(
        LoraSpec spec, IReadOnlyList<LoraTarget> targets, (VectorLayout Layout, ReadOnlyMemory<float> Values) trained, (VectorLayout Layout, ReadOnlyMemory<float> Values) frozen)
    {
        var plain = Plain(spec);
        var layout = VectorLayout.Of(targets.SelectMany(target => LoraTarget.Of(target.Layer, plain).Tensors()));
        var vector = new float[layout.Length];
        Span<float> To(string key) => vector.AsSpan(layout[key].Offset, layout[key].Length);
        ReadOnlySpan<float> From((VectorLayout Layout, ReadOnlyMemory<float> Values) part, string key) => part.Values.Span.Slice(part.Layout[key].Offset, part.Layout[key].Length);
        foreach (var target in targets)
        {
            var a = From(trained, target.KeyOfA);
            a.CopyTo(To(target.KeyOfA));
            From(frozen, target.KeyOfStartA).CopyTo(To(target.KeyOfA)[a.Length..]);
            SideBySide(From(trained, target.KeyOfB), From(frozen, target.KeyOfStartB), To(target.KeyOfB), target.Rank);
        }
        return new ExportedAdapter(plain, layout, vector);
    }

    private static LoraSpec Plain(LoraSpec spec)
    {
        var growth = spec.UseRslora ? Math.Sqrt(2) : 2;
        return spec with
        {
            InitLoraWeights = "default",
            R = 2 * spec.R,
            LoraAlpha = growth * spec.LoraAlpha,
            RankPattern = spec.RankPattern is { } ranks ? [.. ranks.Select(pair => KeyValuePair.Create(pair.Key, 2 * pair.Value))] : null,
            AlphaPattern = spec.AlphaPattern is { } alphas ? [.. alphas.Select(pair => KeyValuePair.Create(pair.Key, growth * pair.Value))] : null,
        };
    }

    // Each row of B' is a row of B, then one of −B₀.
    private static void SideBySide(ReadOnlySpan<float> b, ReadOnlySpan<float> start, Span<float> both, int rank)
    {
        for (var row = 0; row * rank < b.Length; row++)
        {
            var target = both.Slice(2 * row * rank, 2 * rank);
            b.Slice(row * rank, rank).CopyTo(target);
            for (var column = 0; column < rank; column++)
                target[rank + column] = -start[row * rank + column];
        }
    }
}
