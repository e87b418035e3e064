using PeftCluster.Steps.Randomness;

namespace PeftCluster.Examples.Make;

/// <summary>Choosing by chance.</summary>
public static class Picking
{
    /// <summary>One of the values, all equally likely.</summary>
    public static T Pick<T>(this PhiloxStream random, IReadOnlyList<T> values) => values[random.NextBelow(values.Count)];

    /// <summary>So many different values in any order.</summary>
    public static T[] PickDifferent<T>(this PhiloxStream random, IReadOnlyList<T> values, int count)
    {
        int[] places = [.. Enumerable.Range(0, values.Count)];
        random.Shuffle(places);
        return [.. places.Take(count).Select(place => values[place])];
    }
}
