namespace PeftCluster.Steps.Safetensors;

/// <summary>One tensor as the header describes it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The format of its numbers.</param>
/// <param name="Shape">Row-major; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the start of the data.</param>
/// <param name="End">One past the last byte, counted from the start of the data.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Bytes of the tensor.</summary>
    public long Length => End - Begin;
}
