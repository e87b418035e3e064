using Fluid.Values;
using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tasks.Liquid;

/// <summary>The parts of a field that is an object. Unlike in Liquid elsewhere, a part that is not there is an error: a hole in a prompt would not be seen.</summary>
internal sealed class FieldParts(IReadOnlyDictionary<string, FluidValue> parts) : IFluidIndexable
{
    /// <summary>Words that Liquid itself knows of every object.</summary>
    private static readonly string[] _words = ["size", "first", "last"];

    public int Count => parts.Count;

    public IEnumerable<string> Keys => parts.Keys;

    public bool TryGetValue(string name, out FluidValue value) => parts.TryGetValue(name, out value!) || (_words.Contains(name)
        ? false
        : throw new LiquidRefused($"it asks a field for its part \"{OneLine.Piece(name)}\", and the field has {(Count == 0 ? "none" : string.Join(", ", Keys.Take(8).Select(OneLine.Piece)))}"));
}
