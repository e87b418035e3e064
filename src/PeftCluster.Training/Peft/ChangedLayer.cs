using PeftCluster.Steps.Randomness;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// A linear layer to whose weight W [out, in] a method adds a change Δ that it makes of a few trained tensors: y = (W + Δ) x + b. What a
/// method of this kind has of its own is here; <see cref="ChangePlan"/> does the rest.
/// </summary>
/// <param name="Layer">The layer.</param>
public abstract record ChangedLayer(LinearShape Layer)
{
    /// <summary>What is trained for the layer, in the order of the vector.</summary>
    public abstract IReadOnlyList<ChangeTensor> Tensors { get; }

    /// <summary>The key of a tensor in PEFT's files.</summary>
    public string Key(string part) => $"{AdapterFolder.KeyPrefix}{Layer.Path}.{part}";

    /// <summary>Δ [out, in].</summary>
    /// <param name="own">Gives a tensor of the layer by its part of the key.</param>
    /// <param name="frozen">Gives a tensor of the plan's frozen ones by its key.</param>
    public abstract Tensor Change(Func<string, Tensor> own, Func<string, Tensor> frozen);

    /// <summary>Numbers that <see cref="Apply"/> keeps of each token besides x.</summary>
    public virtual long KeptOfToken => 0;

    /// <summary>Numbers that it keeps however many tokens there are: Δ and what it is the product of.</summary>
    public virtual long KeptOfLayer => 4 * Layer.In * Layer.Out;

    /// <summary>Δ x, for x […, in]; methods that need not make Δ for it say how.</summary>
    public virtual Tensor Apply(Tensor x, Func<string, Tensor> own, Func<string, Tensor> frozen) => nn.functional.linear(x, Change(own, frozen));
}

/// <summary>A trained tensor of a layer.</summary>
/// <param name="Part">The end of its key.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Begin">Fills it for version 0.</param>
public sealed record ChangeTensor(string Part, IReadOnlyList<long> Shape, Beginning Begin);

/// <summary>Fills a tensor before the first step.</summary>
public delegate void Beginning(Span<float> values, PhiloxStream random);

/// <summary>The ways in which tensors begin.</summary>
public static class Beginnings
{
    public static void Zero(Span<float> values, PhiloxStream random) => values.Clear();

    public static Beginning Constant(double value) => (values, _) => values.Fill((float)value);

    public static Beginning Normal(double deviation) => (values, random) =>
    {
        foreach (ref var value in values)
            value = (float)(random.NextGaussian() * deviation);
    };

    /// <summary>U(−1/√n, 1/√n) for rows of n numbers, which is PyTorch's kaiming_uniform with a = √5.</summary>
    public static Beginning Uniform(long columns) => (values, random) =>
    {
        var bound = 1 / Math.Sqrt(columns);
        foreach (ref var value in values)
            value = (float)((2 * random.NextDouble() - 1) * bound);
    };
}
