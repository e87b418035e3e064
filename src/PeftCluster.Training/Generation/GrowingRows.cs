using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Rows that a model goes through token by token, with the cache of what it has seen. Rows are padded on the right and each new token lands
/// at its row's own place, so a row is seen as it would be alone. Lives in the dispose scope that it was started in.
/// B rows, T tokens, D hidden size.
/// </summary>
/// <param name="model">What goes through them.</param>
/// <param name="mostTokens">The most tokens that a row can grow by.</param>
internal sealed class GrowingRows(ICausalModel model, int mostTokens)
{
    private List<int>[] _rows = [];
    private KeyValueCache? _cache;

    /// <summary>A row's tokens so far.</summary>
    public IReadOnlyList<int> this[int row] => _rows[row];

    /// <summary>Reads rows.</summary>
    /// <returns>Hidden states of the last token of each row, [B, D].</returns>
    public Tensor Start(IReadOnlyList<int[]> rows, CancellationToken cancellation)
    {
        _rows = [.. rows.Select(row => row.ToList())];
        return Read(cancellation);
    }

    /// <summary>Takes rows that the model has already read. What else it read after them is padding.</summary>
    /// <param name="rows">Their tokens.</param>
    /// <param name="cache">Their keys and values, with room to grow.</param>
    public void Adopt(IReadOnlyList<int[]> rows, KeyValueCache cache)
    {
        _rows = [.. rows.Select(row => row.ToList())];
        _cache = cache;
    }

    /// <summary>Adds a token to each row.</summary>
    /// <returns>Their hidden states, [B, D].</returns>
    public Tensor Grow(IReadOnlyList<int> tokens, CancellationToken cancellation)
    {
        var anew = _rows.Any(row => model.StartsAnew(row.Count + 1));
        for (var row = 0; row < _rows.Length; row++)
            _rows[row].Add(tokens[row]);
        if (anew)
            return Read(cancellation);
        using var step = NewDisposeScope();
        // A row that has ended goes on unheeded, and must not leave the places that the model knows.
        long[] places = [.. _rows.Select(row => (long)Math.Min(row.Count, model.MostTokens ?? int.MaxValue) - 1)];
        var ids_B1 = tensor(tokens.Select(token => (long)token).ToArray(), device: model.Head.Weight_VD.device).unsqueeze(1);
        return model.Extend(ids_B1, _cache!, places, null, cancellation).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>Row i goes on as a copy of what row from[i] is.</summary>
    public void Reorder(IReadOnlyList<int> from)
    {
        _rows = [.. from.Select(row => _rows[row].ToList())];
        _cache!.Reorder(from);
    }

    private Tensor Read(CancellationToken cancellation)
    {
        int[] lengths = [.. _rows.Select(row => row.Count)];
        var length = PaddedLength.Of(lengths.Max());
        _cache = model.NewCache(_rows.Length, length + mostTokens);
        using var ids_BT = PaddedRows.Of(_rows.Length, row => _rows[row].ToArray(), length, model.Config.VocabularySize).to(model.Head.Weight_VD.device);
        return LastOf(model.Hidden(ids_BT, _cache, lengths, packing: null, cancellation));
    }

    private Tensor LastOf(Tensor hidden_BTD)
    {
        var index = _rows.Select((row, at) => at * hidden_BTD.shape[1] + row.Count - 1).ToArray();
        return hidden_BTD.reshape(-1, hidden_BTD.shape[2]).index_select(0, tensor(index, device: hidden_BTD.device));
    }
}
