using static TorchSharp.torch;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>Rows as tensors, padded on the right.</summary>
/// <param name="Ids_BT">int64 ids.</param>
/// <param name="Places">Of the B·T places, flattened, those where something is learnt.</param>
/// <param name="Next">What must come there.</param>
/// <param name="RowOfPlace">The row of each of these places.</param>
internal sealed record Batch(Tensor Ids_BT, Tensor Places, Tensor Next, int[] RowOfPlace)
{
    public static Batch Of(IReadOnlyList<TokenRow> rows)
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
        return new Batch(tensor(ids, [rows.Count, longest]), tensor(places.ToArray()), tensor(next.ToArray()), [.. rowOfPlace]);
    }
}
