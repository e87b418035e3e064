namespace PeftCluster.Steps.Reduction;

/// <summary>Buffers of one length that are used again step after step. There are never more than were once in use together.</summary>
internal sealed class BufferPool(int length)
{
    private readonly Stack<float[]> _free = [];

    /// <summary>Buffers that exist, in use or not.</summary>
    public int Made { get; private set; }

    /// <summary>A buffer with a copy of the values.</summary>
    public float[] CopyOf(ReadOnlySpan<float> values)
    {
        if (!_free.TryPop(out var buffer))
        {
            buffer = new float[length];
            Made++;
        }
        values.CopyTo(buffer);
        return buffer;
    }

    /// <summary>Takes a buffer of somebody else in, and gives a free one for it, if there is one.</summary>
    public float[]? Exchange()
    {
        if (_free.TryPop(out var buffer))
            return buffer;
        Made++;
        return null;
    }

    public void Return(float[] buffer) => _free.Push(buffer);
}
