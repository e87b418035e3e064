using static TorchSharp.torch;

namespace PeftCluster.Training.Losses;

/// <summary>
/// Room for the logits of one chunk, kept from step to step: a block of this size would be mapped and faulted in anew each time, which
/// costs more than filling it. Used by one thread.
/// </summary>
public sealed class HeadWorkspace : IDisposable
{
    private Tensor? _room;

    /// <summary>[rows, columns] of float32; what it holds is anything.</summary>
    internal Tensor Take(long rows, long columns, Device device)
    {
        if (_room is null || _room.numel() < rows * columns)
        {
            _room?.Dispose();
            _room = empty(rows * columns, device: device).DetachFromDisposeScope();
        }
        return _room.narrow(0, 0, rows * columns).view(rows, columns);
    }

    public void Dispose() => _room?.Dispose();
}
