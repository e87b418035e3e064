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

    /// <summary>A buffer of somebody else belongs to it from here on, and is in use.</summary>
    public void Adopt() => Made++;

    /// <summary>A buffer that is in use belongs to somebody else from here on.</summary>
    public void GiveAway() => Made--;

    /// <summary>Gives a free buffer away for good, if there is one.</summary>
    public float[]? Take()
    {
        if (!_free.TryPop(out var buffer))
            return null;
        Made--;
        return buffer;
    }

    public void Return(float[] buffer) => _free.Push(buffer);
}
