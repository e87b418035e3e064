using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Prompts;

/// <summary>
/// The network that trains in the place of a prompt: an embedding of each place, then linear layers with an activation between them.
/// It says which parameters it has and computes with them; they lie in the adapter's vector. P places, F what it gives for each.
/// </summary>
/// <param name="Places">P</param>
/// <param name="Widths">The embedding's width, then each layer's; the last is F.</param>
/// <param name="Module">What PEFT calls the layers; each second number is a layer's, those between are activations'.</param>
/// <param name="Activation">What stands between two layers.</param>
internal sealed record PromptEncoder(int Places, IReadOnlyList<long> Widths, string Module, Func<Tensor, Tensor> Activation)
{
    private const string Embedding = "prompt_encoder.embedding.weight";

    private int Layers => Widths.Count - 1;

    /// <summary>Its parameters: the embedding [P, in], then each layer's weight [out, in] and bias [out].</summary>
    public VectorLayout Layout => VectorLayout.Of(Parameters.Select(parameter => (parameter.Key, parameter.Shape, new ParameterGroup())));

    private IEnumerable<(string Key, IReadOnlyList<long> Shape)> Parameters =>
    [
        (Embedding, [Places, Widths[0]]),
        .. Enumerable.Range(0, Layers).SelectMany(layer => new (string, IReadOnlyList<long>)[]
        {
            (Weight(layer), [Widths[layer + 1], Widths[layer]]),
            (Bias(layer), [Widths[layer + 1]]),
        }),
    ];

    /// <summary>What stands before a text, [P, F].</summary>
    /// <param name="parameter">Gives a parameter by its key.</param>
    public Tensor Encode(WeightLookup parameter)
    {
        using var scope = NewDisposeScope();
        var x = parameter(Embedding);
        for (var layer = 0; layer < Layers; layer++)
        {
            x = nn.functional.linear(x, parameter(Weight(layer)), parameter(Bias(layer)));
            if (layer < Layers - 1)
                x = Activation(x);
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The embedding from N(0, 1), layers from U(−1/√in, 1/√in), which are PyTorch's starts.</summary>
    public void Initialise(Span<float> vector, VectorLayout layout, long seed)
    {
        for (var index = 0; index < layout.Slices.Count; index++)
        {
            var slice = layout.Slices[index];
            var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues, (ulong)index);
            // The embedding stands first, then weight and bias in turn.
            var bound = index == 0 ? 0 : 1 / Math.Sqrt(Widths[(index - 1) / 2]);
            foreach (ref var value in vector.Slice(slice.Offset, slice.Length))
                value = (float)(index == 0 ? random.NextGaussian() : (2 * random.NextDouble() - 1) * bound);
        }
    }

    private string Weight(int layer) => $"prompt_encoder.{Module}.{2 * layer}.weight";

    private string Bias(int layer) => $"prompt_encoder.{Module}.{2 * layer}.bias";
}
