using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>Rows as tensors, padded on the right.</summary>
internal static class Batch
{
    /// <summary>Some rows of the model's, in the current dispose scope.</summary>
    public static LearntBatch Of(ICausalModel model, IReadOnlyList<TokenRow> rows)
    {
        var longest = rows.Max(row => row.Ids.Length);
        var ids = new long[rows.Count * longest];
        var (places, next, rowOfPlace) = (new List<long>(), new List<long>(), new List<int>());
        for (var row = 0; row < rows.Count; row++)
        {
            for (var place = 0; place < rows[row].Ids.Length; place++)
            {
                ids[row * longest + place] = rows[row].Ids[place];
                if (rows[row].Next[place] < 0)
                    continue;
                places.Add(row * longest + place);
                next.Add(rows[row].Next[place]);
                rowOfPlace.Add(row);
            }
        }
        var (ids_BT, learnt) = (tensor(ids, [rows.Count, longest]), tensor(places.ToArray()));
        return new LearntBatch(() => model.Logits(model.Hidden(ids_BT).flatten(0, 1).index_select(0, learnt)), tensor(next.ToArray()), rowOfPlace);
    }
}
