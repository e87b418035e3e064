using System.Collections;
using System.Runtime.CompilerServices;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Texts with a value each, in the order in which they were written; equal to another with the same pairs in the same order.
/// Written as a collection: <c>RankPattern = [new("v_proj", 2)]</c>.
/// </summary>
[CollectionBuilder(typeof(ValueMap), nameof(ValueMap.Create))]
public sealed class ValueMap<T> : IReadOnlyList<KeyValuePair<string, T>>, IEquatable<ValueMap<T>>
{
    private readonly ValueList<KeyValuePair<string, T>> _pairs;

    public ValueMap(IEnumerable<KeyValuePair<string, T>> pairs) => _pairs = new(pairs);

    public int Count => _pairs.Count;

    public KeyValuePair<string, T> this[int index] => _pairs[index];

    public bool Equals(ValueMap<T>? other) => other is not null && _pairs.Equals(other._pairs);

    public override bool Equals(object? obj) => Equals(obj as ValueMap<T>);

    public override int GetHashCode() => _pairs.GetHashCode();

    public override string ToString() => $"{{{string.Join(", ", _pairs.Select(pair => $"{pair.Key}: {pair.Value}"))}}}";

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _pairs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes a <see cref="ValueMap{T}"/> of a collection expression.</summary>
public static class ValueMap
{
    public static ValueMap<T> Create<T>(ReadOnlySpan<KeyValuePair<string, T>> pairs) => new(pairs.ToArray());
}
