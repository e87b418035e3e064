using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// A batch as one causal model goes through it: each row's sequence, how much of it is given, and the padded shape, which is a function of
/// the rows alone.
/// </summary>
/// <param name="Model">What goes through the sequences; for an encoder's decoder good for these rows only.</param>
/// <param name="Count">B</param>
/// <param name="Tokens">A row's sequence; the last token may be one that is only predicted.</param>
/// <param name="Given">How many of its tokens nothing has to predict, at least one.</param>
/// <param name="Length">T, a multiple of <see cref="PaddedRows.Multiple"/>; what of a sequence goes beyond is not read.</param>
public sealed record CausalRows(ICausalModel Model, int Count, TokensOf Tokens, Func<int, int> Given, int Length)
{
    /// <summary>int64 ids [B, T], where the model computes.</summary>
    public Tensor Ids() => PaddedRows.Of(Count, Read, Length, Model.Config.VocabularySize).to(Model.Head.Weight_VD.device);

    /// <summary>Of each row the number of given tokens: the place of its first answer.</summary>
    public int[] Starts() => [.. Enumerable.Range(0, Count).Select(Given)];

    /// <summary>The given tokens of each row.</summary>
    public int[][] Prompts() => [.. Enumerable.Range(0, Count).Select(row => Tokens(row)[..Given(row)].ToArray())];

    /// <summary>How many tokens of each row are read.</summary>
    public int[] Lengths() => [.. Enumerable.Range(0, Count).Select(row => Read(row).Length)];

    private ReadOnlySpan<int> Read(int row)
    {
        var tokens = Tokens(row);
        return tokens[..Math.Min(tokens.Length, Length)];
    }
}
