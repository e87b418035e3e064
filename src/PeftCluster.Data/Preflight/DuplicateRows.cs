using System.IO.Hashing;
using System.Runtime.InteropServices;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Preflight;

/// <summary>Rows that are, token by token and label by label (and right choice by right choice), an earlier row of the set. Memory holds 12 bytes a row while they are looked for.</summary>
/// <param name="Rows">How many.</param>
/// <param name="First">The first of them, or null.</param>
/// <param name="Earlier">The row that it equals.</param>
internal readonly record struct DuplicateRows(int Rows, int? First, int? Earlier)
{
    public static DuplicateRows Of(ITokenRows rows)
    {
        var (hashes, numbers) = (new ulong[rows.Count], new int[rows.Count]);
        for (var row = 0; row < rows.Count; row++)
            (hashes[row], numbers[row]) = (XxHash3.HashToUInt64(MemoryMarshal.AsBytes(rows.Tokens(row)), rows.RightChoice(row) ?? 0), row);
        Array.Sort(hashes, numbers);
        var found = default(DuplicateRows);
        for (var start = 0; start < hashes.Length;)
        {
            var end = start + 1;
            while (end < hashes.Length && hashes[end] == hashes[start])
                end++;
            if (end - start > 1)
                found = found.With(rows, numbers.AsSpan(start, end - start));
            start = end;
        }
        return found;
    }

    /// <summary>Adds rows of one hash; those that only share the hash are not equal.</summary>
    private DuplicateRows With(ITokenRows rows, Span<int> numbers)
    {
        numbers.Sort();
        var (count, first, earlier) = (Rows, First, Earlier);
        for (var i = 1; i < numbers.Length; i++)
        {
            if (!rows.Tokens(numbers[i]).SequenceEqual(rows.Tokens(numbers[0])) || !rows.Labelled(numbers[i]).SequenceEqual(rows.Labelled(numbers[0]))
                || rows.RightChoice(numbers[i]) != rows.RightChoice(numbers[0]))
                continue;
            count++;
            if (first is null || numbers[i] < first)
                (first, earlier) = (numbers[i], numbers[0]);
        }
        return new DuplicateRows(count, first, earlier);
    }
}
