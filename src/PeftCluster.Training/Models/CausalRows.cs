using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Plan;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// A batch as one causal model goes through it: each row's sequence, how much of it is given, which of its tokens carry labels, and the padded shape, which
/// is a function of the plan alone. Packed sequences share padded rows.
/// </summary>
/// <param name="Model">What goes through the sequences; for an encoder's decoder good for these rows only.</param>
/// <param name="Count">How many sequences; B where they are not packed.</param>
/// <param name="Tokens">A row's sequence; the last token may be one that is only predicted.</param>
/// <param name="Given">How many of its tokens nothing has to predict, at least one.</param>
/// <param name="Length">T, a multiple of <see cref="PaddedLength.Multiple"/>; what of a sequence goes beyond is not read.</param>
public sealed record CausalRows(ICausalModel Model, int Count, TokensOf Tokens, Func<int, int> Given, int Length)
{
    /// <summary>Which of a sequence's tokens carry labels; null: those that are not given.</summary>
    public SpansOf? Spans { get; init; }

    /// <summary>Where each sequence stands when several share a padded row; null: each has one of its own.</summary>
    public IReadOnlyList<PackedPlace>? Packing { get; init; }

    /// <summary>int64 ids [B, T], where the model computes.</summary>
    public Tensor Ids()
    {
        var ids_BT = Packing is { } packing
            ? PaddedRows.Packed(packing, Read, Length, Model.Config.VocabularySize)
            : PaddedRows.Of(Count, Read, Length, Model.Config.VocabularySize);
        return ids_BT.to(Model.Head.Weight_VD.device);
    }

    /// <summary>What the model makes of all sequences: [B, T, D].</summary>
    /// <param name="cache">If given, empty; is filled. Not for packed sequences.</param>
    /// <param name="cancellation">Polled between layers.</param>
    public Tensor Hidden(KeyValueCache? cache, CancellationToken cancellation) => Model.Hidden(Ids(), cache, Lengths(), Packing, cancellation);

    /// <summary>Which of a sequence's tokens carry labels.</summary>
    public ReadOnlySpan<LabelSpan> Labelled(int row) => Spans is { } spans ? spans(row) : new LabelSpan[] { new(Given(row), Tokens(row).Length) };

    /// <summary>The place of a sequence's first token among all B · T.</summary>
    public long First(int row) => Packing is { } packing ? (long)packing[row].Row * Length + packing[row].Start : (long)row * Length;

    /// <summary>Of each row the number of given tokens: the place of its first answer.</summary>
    public int[] Starts() => [.. Enumerable.Range(0, Count).Select(Given)];

    /// <summary>The given tokens of each row.</summary>
    public int[][] Prompts() => [.. Enumerable.Range(0, Count).Select(row => Tokens(row)[..Given(row)].ToArray())];

    /// <summary>How many tokens of each sequence are read.</summary>
    public int[] Lengths() => [.. Enumerable.Range(0, Count).Select(row => Read(row).Length)];

    private ReadOnlySpan<int> Read(int row)
    {
        var tokens = Tokens(row);
        return tokens[..Math.Min(tokens.Length, Length)];
    }
}
