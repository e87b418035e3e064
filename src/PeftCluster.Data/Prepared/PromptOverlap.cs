using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// How many held-out rows ask what a training row asks already. Their answers may be remembered instead of learnt, so a
/// fair held-out file has none.
/// </summary>
public static class PromptOverlap
{
    /// <summary>Held-out texts that are, character by character, among the training texts.</summary>
    public static int Of(IEnumerable<string> train, IEnumerable<string> heldOut)
    {
        var known = new HashSet<string>(train, StringComparer.Ordinal);
        return heldOut.Count(known.Contains);
    }

    /// <summary>Held-out rows whose prompt is, token by token, a training row's (by a hash of 128 bits).</summary>
    public static int Of(PreparedRows train, PreparedRows heldOut)
    {
        // The held-out rows are the few: memory holds their hashes, not those of all that is learnt from.
        var asked = new Dictionary<UInt128, int>();
        for (var row = 0; row < heldOut.Count; row++)
            CollectionsMarshal.GetValueRefOrAddDefault(asked, Hash(Asked(heldOut, row)), out _)++;
        var shared = 0;
        for (var row = 0; row < train.Count && asked.Count > 0; row++)
            shared += asked.Remove(Hash(Asked(train, row)), out var rows) ? rows : 0;
        return shared;
    }

    /// <summary>The prompt; of a document, which has none, all of it.</summary>
    private static ReadOnlySpan<int> Asked(PreparedRows rows, int row) => rows.PromptLength(row) > 0 ? rows.Prompt(row) : rows.Tokens(row);

    private static UInt128 Hash(ReadOnlySpan<int> tokens) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(tokens));
}
