using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses;

/// <summary>
/// Where a micro-batch has labels: a completion's tokens, each predicted at the place before it. Prompt and padding have none.
/// The order is row after row, place after place.
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
            places.Add(rows.Tokens(row), rows.Given(row), rows.Length);
        return places;
    }

    /// <summary>Adds the next row of the batch.</summary>
    /// <param name="tokens">The row's tokens without padding.</param>
    /// <param name="promptLength">How many of them are prompt.</param>
    /// <param name="paddedLength">T, the common length of the batch.</param>
    public void Add(ReadOnlySpan<int> tokens, int promptLength, int paddedLength)
    {
        // Nothing stands before the first token, so nothing predicts it.
        var first = Math.Max(promptLength, 1);
        for (var token = first; token < tokens.Length; token++)
        {
            _places.Add((long)_perRow.Count * paddedLength + token - 1);
            _targets.Add(tokens[token]);
        }
        _perRow.Add(Math.Max(tokens.Length - first, 0));
    }

    /// <summary>Takes the hidden states of the labelled places: [B, T, D] → [M, D].</summary>
    public Tensor Select(Tensor hidden_BTD) =>
        hidden_BTD.reshape(-1, hidden_BTD.shape[2]).index_select(0, tensor(_places.ToArray(), device: hidden_BTD.device));

    /// <summary>The tokens to predict, int64 [M].</summary>
    public Tensor Targets() => tensor(_targets.ToArray());

    /// <summary>Sums of the labels' losses, row by row: serial and in double, so that no thread count or batch changes them.</summary>
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
