using PeftCluster.Data.Prepared;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses;

/// <summary>
/// Where a micro-batch has labels: a completion's tokens or a conversation's answers, each predicted at the place before it. The order is sequence after
/// sequence, place after place.
/// </summary>
public sealed class LabelledPlaces
{
    private readonly List<long> _places = [];
    private readonly List<long> _targets = [];
    private readonly List<int> _perRow = [];

    /// <summary>Labels of all rows.</summary>
    public int Count => _targets.Count;

    /// <summary>The places of a batch.</summary>
    public static LabelledPlaces Of(CausalRows rows)
    {
        var places = new LabelledPlaces();
        for (var row = 0; row < rows.Count; row++)
            places.Add(rows.Tokens(row), rows.Labelled(row), rows.First(row));
        return places;
    }

    /// <summary>Adds the next sequence of the batch.</summary>
    /// <param name="tokens">Its tokens without padding.</param>
    /// <param name="spans">Which of them carry labels.</param>
    /// <param name="first">The place of its first token among all B · T.</param>
    public void Add(ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans, long first)
    {
        var before = _targets.Count;
        foreach (var (start, end) in spans)
        {
            // Nothing stands before the first token, so nothing predicts it.
            for (var token = Math.Max(start, 1); token < end; token++)
            {
                _places.Add(first + token - 1);
                _targets.Add(tokens[token]);
            }
        }
        _perRow.Add(_targets.Count - before);
    }

    /// <summary>Takes the hidden states of the labelled places: [B, T, D] → [M, D].</summary>
    public Tensor Select(Tensor hidden_BTD) =>
        hidden_BTD.reshape(-1, hidden_BTD.shape[2]).index_select(0, tensor(_places.ToArray(), device: hidden_BTD.device));

    /// <summary>The tokens to predict, int64 [M].</summary>
    public Tensor Targets() => tensor(_targets.ToArray());

    /// <summary>Sums of the labels' losses, sequence by sequence: serial and in double, so that no thread count or batch changes them.</summary>
    /// <param name="losses">One number a label.</param>
    public double[] SumRows(ReadOnlySpan<float> losses)
    {
        var sums = new double[_perRow.Count];
        var next = 0;
        for (var row = 0; row < sums.Length; row++)
        {
            for (var label = 0; label < _perRow[row]; label++)
                sums[row] += losses[next++];
        }
        return sums;
    }
}
