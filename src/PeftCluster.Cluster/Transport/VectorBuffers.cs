namespace PeftCluster.Cluster.Transport;

/// <summary>Buffers by length, used again step after step: never more of them than were once in use together. Not for several threads at once.</summary>
internal sealed class VectorBuffers
{
    private readonly Dictionary<int, Stack<float[]>> _free = [];

    /// <summary>Buffers that were ever made.</summary>
    public int Made { get; private set; }

    public float[] Rent(int length)
    {
        if (_free.TryGetValue(length, out var free) && free.TryPop(out var used))
            return used;
        Made++;
        return GC.AllocateUninitializedArray<float>(length);
    }

    public void Return(float[] buffer)
    {
        if (!_free.TryGetValue(buffer.Length, out var free))
            _free.Add(buffer.Length, free = []);
        free.Push(buffer);
    }

    /// <summary>Lets the free ones go: a run has ended.</summary>
    public void Clear() => _free.Clear();
}
