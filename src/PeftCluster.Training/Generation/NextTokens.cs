using System.Runtime.InteropServices;
using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Chooses each row's next token. What a row draws is a function of (seed, row, place of the answer) alone. B rows, V vocabulary.
/// </summary>
internal sealed class NextTokens(Decoding decoding, IReadOnlyList<int> promptLengths)
{
    private readonly PhiloxStream[] _random =
        [.. Enumerable.Range(0, decoding.Sample ? promptLengths.Count : 0).Select(row => new PhiloxStream(decoding.Seed, PhiloxPurpose.Sampling, (ulong)row))];

    /// <summary>A token for each row.</summary>
    /// <param name="logits_BV">Logits of the next place.</param>
    /// <param name="rows">The rows so far.</param>
    public int[] Of(Tensor logits_BV, GrowingRows rows)
    {
        using var scope = NewDisposeScope();
        if (decoding.IsPlain)
            return [.. MemoryMarshal.Cast<byte, long>(logits_BV.argmax(1).cpu().bytes).ToArray().Select(id => (int)id)];
        return [.. ScoresOf(logits_BV).Select((scores, row) => Choose(scores, row, rows[row]))];
    }

    /// <summary>Each row of a tensor [B, V] in managed memory.</summary>
    public static float[][] ScoresOf(Tensor scores_BV)
    {
        using var host = scores_BV.contiguous().cpu();
        var all = MemoryMarshal.Cast<byte, float>(host.bytes);
        var (rows, size) = ((int)scores_BV.shape[0], (int)scores_BV.shape[1]);
        var split = new float[rows][];
        for (var row = 0; row < rows; row++)
            split[row] = all.Slice(row * size, size).ToArray();
        return split;
    }

    private int Choose(float[] scores, int number, IReadOnlyList<int> row)
    {
        ScoreRules.Apply(scores, decoding, row, promptLengths[number]);
        if (!decoding.Sample)
            return Array.IndexOf(scores, scores.Max());
        Sampling.Warp(scores, decoding);
        return Sampling.Draw(Sampling.Probabilities(scores), _random[number].NextDouble());
    }
}
