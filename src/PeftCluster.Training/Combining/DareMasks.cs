using System.Runtime.InteropServices;
using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Combining;

/// <summary>Which numbers of a tensor random pruning keeps: 1 or 0 each.</summary>
/// <param name="shape">The tensor's shape.</param>
/// <param name="module">The module's path.</param>
/// <param name="ofB">Whether the tensor is B; A or the product of both otherwise.</param>
/// <param name="adapter">The adapter's place in the list.</param>
internal delegate Tensor KeptMask(long[] shape, string module, bool ofB, int adapter);

/// <summary>Our own masks, a function of the seed and the tensor's place. PEFT draws other ones: torch's generator makes them in the order of the modules.</summary>
internal sealed class DareMasks(long seed, double density, IReadOnlyList<string> modules, int adapters)
{
    private readonly Dictionary<string, int> _places = modules.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);

    /// <summary>A mask in the current dispose scope.</summary>
    public Tensor Of(long[] shape, string module, bool ofB, int adapter)
    {
        var mask = empty(shape);
        var random = new PhiloxStream(seed, PhiloxPurpose.Dare, ((ulong)_places[module] * (ulong)adapters + (ulong)adapter) * 2 + (ofB ? 1u : 0u));
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(mask.bytes))
            value = random.NextDouble() < density ? 1 : 0;
        return mask;
    }
}
