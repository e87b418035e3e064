using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// The layers of one pass, one behind the other, each [B, T, D] → [B, T, D]. Unusual: what all of them see beside the residual stream is
/// handed to them at each call, so that they can be called again with other handles of the same tensors after the pass.
/// </summary>
/// <param name="Count">How many there are.</param>
/// <param name="Shared">What all layers see.</param>
/// <param name="Layer">Computes a layer by its number, its input and what all see.</param>
internal sealed record LayerStack(int Count, IReadOnlyList<Tensor?> Shared, Func<int, Tensor, IReadOnlyList<Tensor?>, Tensor> Layer)
{
    /// <summary>What layers make for themselves and can make again once it is disposed; null: nothing.</summary>
    public IDisposable? Made { get; init; }

    /// <summary>What comes out of the last layer.</summary>
    /// <param name="x_BTD">What goes into the first.</param>
    /// <param name="cancellation">Polled between layers.</param>
    public Tensor Run(Tensor x_BTD, CancellationToken cancellation)
    {
        for (var layer = 0; layer < Count; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            x_BTD = Layer(layer, x_BTD, Shared);
        }
        return x_BTD;
    }
}
