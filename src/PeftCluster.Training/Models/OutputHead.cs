using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>What makes logits of hidden states: h Wᵀ, and with a cap c · tanh(h Wᵀ ÷ c).</summary>
/// <param name="Weight_VD">The weight; the embedding itself where the two are tied.</param>
/// <param name="Cap">c, or null.</param>
public sealed record OutputHead(Tensor Weight_VD, double? Cap)
{
    // Rows of a weight that are widened at a time: a large vocabulary's head is gigabytes in float32.
    private const long BlockRows = 4096;

    /// <summary>The number format that flows through the model.</summary>
    public ScalarType Flowing { get; init; } = ScalarType.Float32;

    /// <summary>What an adapter does to the logits before they are capped; null: nothing.</summary>
    public IHeadChange? Change { get; init; }

    /// <summary>What the head reads of hidden states: [B, T, D] → [B, T, D + E], where E is 0 unless a change makes numbers of its own.</summary>
    public Tensor Read(Tensor hidden_BTD) => Change?.Read(hidden_BTD.to(ScalarType.Float32)) ?? hidden_BTD;

    /// <summary>[…, D] → […, V], float32 whatever the model computes in.</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return LogitsOfRead(Read(hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>The same of what was read: […, D + E] → […, V].</summary>
    public Tensor LogitsOfRead(Tensor read)
    {
        using var scope = NewDisposeScope();
        var logits = nn.functional.linear(HiddenOf(read).to(Format), Weight_VD.to(Format)).to(ScalarType.Float32);
        Change?.Apply(logits.view(-1, logits.shape[^1]), read.reshape(-1, read.shape[^1]));
        return (Cap is { } cap ? logits.DividedBy(cap).tanh().Times(cap) : logits).MoveToOuterDisposeScope();
    }

    /// <summary>The hidden states in what was read, or their gradients: […, D + E] → […, D].</summary>
    internal Tensor HiddenOf(Tensor read) => Change is null ? read : read.narrow(-1, 0, Weight_VD.shape[1]);

    /// <summary>What the product with the weight is computed in.</summary>
    internal ScalarType Format => Formats.Common(Flowing, Weight_VD.dtype);

    /// <summary>The weight in <see cref="Format"/>: whole where it lies so, else block after block of rows, each good until the next.</summary>
    internal IEnumerable<(long Start, Tensor Rows_WD)> Blocks()
    {
        var most = Weight_VD.dtype == Format ? Weight_VD.shape[0] : BlockRows;
        for (var start = 0L; start < Weight_VD.shape[0]; start += most)
        {
            using var narrow = Weight_VD.narrow(0, start, Math.Min(most, Weight_VD.shape[0] - start));
            using var rows = narrow.to(Format);
            yield return (start, rows);
        }
    }
}

/// <summary>
/// An adapter's part in the head. Its way back is its own: <see cref="Losses.HeadLoss"/> makes no graph of logits. R places at a time, V vocabulary, D hidden
/// size, E numbers beside each hidden state, which the change reads in the place of a graph through the head. All are float32, whatever the base is.
/// </summary>
public interface IHeadChange
{
    /// <summary>Hidden states […, D], and behind each its E numbers: […, D + E]. Part of the graph.</summary>
    Tensor Read(Tensor hidden);

    /// <summary>Changes logits h Wᵀ [R, V], in place.</summary>
    void Apply(Tensor logits_RV, Tensor read_RE);

    /// <summary>The way back of <see cref="Apply"/>: adds to the gradients of what it trains, and completes that of what was read.</summary>
    /// <param name="slope_RV">∂loss/∂logits, as they were before the cap.</param>
    /// <param name="read_RE">What was read, [R, D + E].</param>
    /// <param name="gradient_RE">Holds slope · W in its first D columns, and anything in the E others.</param>
    void Learn(Tensor slope_RV, Tensor read_RE, Tensor gradient_RE);
}

/// <summary>Gives the head that the model uses in the place of <paramref name="plain"/>.</summary>
public delegate OutputHead HeadWrapper(OutputHead plain);
