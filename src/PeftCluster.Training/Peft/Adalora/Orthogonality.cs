using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Adalora;

/// <summary>
/// The term of AdaLoRA's loss that keeps A's rows and B's columns orthogonal, with its gradient written out: for each of the n matrices M [r, m] (A, or B transposed)
/// <code>
/// P = M Mᵀ − I;   value += w ÷ n · ‖P‖;   ∂M += w ÷ n · 2 P M ÷ ‖P‖
/// </code>
/// ‖·‖ is Frobenius' norm. It knows no rows, so it is computed once in a step, with one micro-batch.
/// </summary>
internal static class Orthogonality
{
    /// <summary>Adds the gradient to that of the vector; answers the value.</summary>
    /// <param name="vector">The adapter.</param>
    /// <param name="matrices">Keys of the A [r, in] and B [out, r], and whether it is a B.</param>
    /// <param name="weight">w</param>
    public static double Add(TrainedVector vector, IReadOnlyList<(string Key, bool IsB)> matrices, double weight)
    {
        using var off = no_grad();
        var share = weight / matrices.Count;
        var sum = 0.0;
        foreach (var (key, isB) in matrices)
        {
            using var scope = NewDisposeScope();
            var (leaf, gradient) = (vector[key], vector[key].grad!);
            var (rows, slope) = isB ? (leaf.t(), gradient.t()) : (leaf, gradient);
            var excess = rows.mm(rows.t()).sub_(eye(rows.shape[0]));
            var norm = excess.norm().item<float>();
            sum += norm;
            if (norm > 0)
                slope.Plus_(excess.mm(rows), times: (float)(2 * share / norm));
        }
        return share * sum;
    }
}
