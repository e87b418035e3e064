using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>The answers of one batch as they grow, a token of each row at a time.</summary>
internal sealed class Answers(int rows, int mostTokens, int? endToken)
{
    private readonly int[] _tokens = new int[rows * mostTokens];
    private readonly int[] _ends = [.. Enumerable.Repeat(-1, rows)];
    private int _length;
    private int _ended;

    /// <summary>Takes the next token of each row; rows that have ended ignore theirs.</summary>
    /// <param name="next_B">int64 ids [B].</param>
    /// <returns>Whether a row goes on.</returns>
    public bool Add(Tensor next_B)
    {
        using var host = next_B.cpu();
        var next = MemoryMarshal.Cast<byte, long>(host.bytes);
        for (var row = 0; row < rows; row++)
        {
            if (_ends[row] >= 0)
                continue;
            if (next[row] == endToken)
            {
                _ends[row] = _length;
                _ended++;
            }
            else
                _tokens[row * mostTokens + _length] = (int)next[row];
        }
        return ++_length < mostTokens && _ended < rows;
    }

    public bool HasEnded(int row) => _ends[row] >= 0;

    /// <summary>Token ids of a row's answer so far.</summary>
    public ReadOnlySpan<int> Of(int row) => _tokens.AsSpan(row * mostTokens, _ends[row] >= 0 ? _ends[row] : _length);

    /// <summary>Token ids of each answer, without the token that ended it.</summary>
    public int[][] All() =>
        [.. Enumerable.Range(0, rows).Select(row => Of(row).ToArray())];
}
