using PeftCluster.Steps.Plan;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// A batch that a causal model has read. Where all of its sequences begin with something that others share, the model has read only what follows, against the keys and values
/// of the beginnings (<see cref="PromptCache"/>), and the rows here are those rests. B rows, T tokens, D hidden size.
/// </summary>
/// <param name="Rows">What was read.</param>
/// <param name="Hidden_BTD">What the model made of it.</param>
/// <param name="Cache">Keys and values of the whole sequences; null where no room was asked for.</param>
internal sealed record ReadSequences(CausalRows Rows, Tensor Hidden_BTD, KeyValueCache? Cache)
{
    /// <summary>Reads a batch.</summary>
    /// <param name="rows">The sequences.</param>
    /// <param name="beginnings">What each shares. It is read whole, as all are, where one shares nothing, or sees its beginning otherwise than that is seen alone.</param>
    /// <param name="cache">Beginnings that were read.</param>
    /// <param name="room">The most places of a sequence that will grow; 0: none will.</param>
    /// <param name="cancellation">Polled between layers.</param>
    public static ReadSequences Of(CausalRows rows, IReadOnlyList<PromptBeginning> beginnings, PromptCache cache, int room, CancellationToken cancellation)
    {
        int[] lengths = [.. beginnings.Select(one => one.Length)];
        if (!CanShare(rows, lengths))
        {
            var whole = room > 0 ? rows.Model.NewCache(rows.Count, Math.Max(rows.Length, room)) : null;
            return new ReadSequences(rows, rows.Hidden(whole, cancellation), whole);
        }
        var rests = Rests(rows, lengths);
        KeyValueCache[] read = [.. beginnings.Select((one, row) => cache.Of(one, rows.Tokens(row)[..one.Length], rows.Model, cancellation))];
        var keys = rows.Model.NewCache(rows.Count, Math.Max(room, lengths.Max(length => Math.Max(PaddedLength.Of(length), length + rests.Length))));
        keys.Begin(read);
        return new ReadSequences(rests, rows.Model.Extend(rests.Ids(), keys, [.. lengths.Select(length => (long)length)], rests.Lengths(), cancellation), keys);
    }

    /// <summary>What a head makes of the places before labelled tokens.</summary>
    public LabelledStates Labelled(OutputHead head)
    {
        var places = LabelledPlaces.Of(Rows);
        return new LabelledStates(head.Read(places.Select(Hidden_BTD)), places, head);
    }

    /// <summary>Hidden states of the last given token of each sequence, [B, D]: an answer goes on from there.</summary>
    public Tensor LastGiven()
    {
        long[] places = [.. Enumerable.Range(0, Rows.Count).Select(row => row * Hidden_BTD.shape[1] + Rows.Given(row) - 1)];
        return Hidden_BTD.reshape(-1, Hidden_BTD.shape[2]).index_select(0, tensor(places, device: Hidden_BTD.device));
    }

    // An encoder's decoder is given one token, which its prompt's beginning is no part of. A token of the rest has to be given, too: the first label is predicted at it.
    private static bool CanShare(CausalRows rows, int[] beginnings) => rows.Packing is null && Enumerable.Range(0, rows.Count).All(row =>
        beginnings[row] > 0 && beginnings[row] < rows.Given(row) && !rows.Model.LengthMatters(beginnings[row], rows.Tokens(row).Length));

    private static CausalRows Rests(CausalRows rows, int[] beginnings)
    {
        var longest = Enumerable.Range(0, rows.Count).Max(row => rows.Tokens(row).Length - beginnings[row]);
        return new CausalRows(rows.Model, rows.Count, row => rows.Tokens(row)[beginnings[row]..], row => rows.Given(row) - beginnings[row], PaddedLength.Of(longest));
    }
}
