using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Steps.Plan;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>Rows of unlike length as one tensor, padded on the right with zeros: causal models never look there.</summary>
public static class PaddedRows
{
    /// <summary>int64 ids [B, T], in the processor's memory.</summary>
    /// <param name="rows">B</param>
    /// <param name="tokens">Token ids of a row, by its place from 0.</param>
    /// <param name="length">T, at least the longest row.</param>
    /// <param name="vocabulary">V, above every id.</param>
    /// <exception cref="BadInputException">The tokenizer has given an id that the model has no embedding for.</exception>
    public static Tensor Of(int rows, TokensOf tokens, int length, int vocabulary)
    {
        var ids_BT = zeros(rows, length, ScalarType.Int64);
        var ids = MemoryMarshal.Cast<byte, long>(ids_BT.bytes);
        for (var row = 0; row < rows; row++)
            Fill(ids[(row * length)..], tokens(row), vocabulary);
        return ids_BT;
    }

    /// <summary>The same for sequences of which several share a row.</summary>
    /// <param name="places">Where each stands.</param>
    /// <param name="tokens">Token ids of a sequence, by its number from 0.</param>
    /// <param name="length">T</param>
    /// <param name="vocabulary">V, above every id.</param>
    /// <exception cref="BadInputException">The tokenizer has given an id that the model has no embedding for.</exception>
    public static Tensor Packed(IReadOnlyList<PackedPlace> places, TokensOf tokens, int length, int vocabulary)
    {
        var ids_BT = zeros(places[^1].Row + 1, length, ScalarType.Int64);
        var ids = MemoryMarshal.Cast<byte, long>(ids_BT.bytes);
        for (var sequence = 0; sequence < places.Count; sequence++)
            Fill(ids[(places[sequence].Row * length + places[sequence].Start)..], tokens(sequence), vocabulary);
        return ids_BT;
    }

    private static void Fill(Span<long> ids, ReadOnlySpan<int> tokens, int vocabulary)
    {
        if (tokens.IndexOfAnyExceptInRange(0, vocabulary - 1) is var strange and >= 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"model: the tokenizer gives id {tokens[strange]}, but config.json has vocab_size {vocabulary}. The two belong to different models."));
        for (var place = 0; place < tokens.Length; place++)
            ids[place] = tokens[place];
    }
}

/// <summary>Token ids of a row, wherever they lie.</summary>
public delegate ReadOnlySpan<int> TokensOf(int row);
