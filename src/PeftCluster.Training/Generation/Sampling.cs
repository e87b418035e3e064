namespace PeftCluster.Training.Generation;

/// <summary>
/// Draws a token: temperature, then the k likeliest, then the likeliest that have the probability p together, then those that are not much
/// less likely than the likeliest, as in transformers. What is dropped has the score −∞.
/// </summary>
internal static class Sampling
{
    /// <summary>Changes scores for sampling.</summary>
    /// <param name="scores">V of them.</param>
    /// <param name="decoding">What is kept.</param>
    public static void Warp(Span<float> scores, Decoding decoding)
    {
        if (decoding.Temperature != 1)
        {
            foreach (ref var score in scores)
                score = (float)(score / decoding.Temperature);
        }
        if (decoding.TopK > 0 && decoding.TopK < scores.Length)
            Drop(scores, below: Sorted(scores)[^decoding.TopK]);
        if (decoding.TopP < 1)
            KeepTogether(scores, decoding.TopP);
        if (decoding.MinP > 0)
            Drop(scores, below: (float)(Largest(scores) + Math.Log(decoding.MinP)));
    }

    /// <summary>Probabilities of scores.</summary>
    public static double[] Probabilities(ReadOnlySpan<float> scores)
    {
        var largest = Largest(scores);
        var all = new double[scores.Length];
        var sum = 0.0;
        for (var token = 0; token < all.Length; token++)
            sum += all[token] = Math.Exp(scores[token] - largest);
        for (var token = 0; token < all.Length; token++)
            all[token] /= sum;
        return all;
    }

    /// <summary>The token at a share of the whole probability.</summary>
    /// <param name="probabilities">V of them.</param>
    /// <param name="share">In [0, 1).</param>
    public static int Draw(ReadOnlySpan<double> probabilities, double share)
    {
        var last = 0;
        for (var token = 0; token < probabilities.Length; token++)
        {
            if (probabilities[token] == 0)
                continue;
            last = token;
            share -= probabilities[token];
            if (share < 0)
                break;
        }
        return last; // Sums of probabilities are not exactly one.
    }

    // From the least likely on, tokens are dropped whose probabilities sum up to 1 − p at most; the likeliest stays.
    private static void KeepTogether(Span<float> scores, double together)
    {
        var probabilities = Probabilities(scores);
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort([.. scores], order);
        var sum = 0.0;
        foreach (var token in order[..^1])
        {
            sum += probabilities[token];
            if (sum > 1 - together)
                break;
            scores[token] = float.NegativeInfinity;
        }
    }

    private static void Drop(Span<float> scores, float below)
    {
        foreach (ref var score in scores)
        {
            if (score < below)
                score = float.NegativeInfinity;
        }
    }

    private static float[] Sorted(Span<float> scores)
    {
        var sorted = scores.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static float Largest(ReadOnlySpan<float> scores) => System.Numerics.Tensors.TensorPrimitives.Max(scores);
}
