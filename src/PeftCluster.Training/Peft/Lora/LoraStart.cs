using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>What LoRA's tensors hold before the first step. B is zero: the adapted model starts as the base.</summary>
internal static class LoraStart
{
    /// <summary>A from U(−1/√in, 1/√in), which is PyTorch's kaiming_uniform with a = √5, or from a normal distribution of deviation 1 ÷ r.</summary>
    public static void Fill(Span<float> a, string kind, LoraTarget target, PhiloxStream random)
    {
        var bound = 1 / Math.Sqrt(target.Layer.In);
        foreach (ref var value in a)
            value = kind == "gaussian" ? (float)(random.NextGaussian() / target.Rank) : (float)((2 * random.NextDouble() - 1) * bound);
    }

    /// <summary>DoRA's m: the length of each row of W [out, in], since B A is zero.</summary>
    public static void Lengths(Span<float> magnitude, Tensor weight)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        weight.to(ScalarType.Float32).norm(1).CopyNumbersTo(magnitude);
    }
}
