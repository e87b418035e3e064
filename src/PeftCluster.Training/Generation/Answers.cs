namespace PeftCluster.Training.Generation;

/// <summary>The answers of one batch as they grow, a token of each row at a time.</summary>
/// <param name="promptLengths">Tokens of each prompt.</param>
/// <param name="decoding">When answers end.</param>
/// <param name="mostTokens">The most tokens of a prompt and its answer; null: any number.</param>
internal sealed class Answers(IReadOnlyList<int> promptLengths, Decoding decoding, int? mostTokens)
{
    private readonly List<int>[] _tokens = [.. promptLengths.Select(_ => new List<int>())];
    private readonly bool[] _ended = new bool[promptLengths.Count];

    /// <summary>Takes the next token of each row; rows that have ended ignore theirs.</summary>
    /// <param name="next">A token for each row.</param>
    /// <param name="seen">Hears of each token that belongs to an answer.</param>
    /// <returns>Whether a row goes on.</returns>
    public bool Add(IReadOnlyList<int> next, TokenSeen? seen)
    {
        for (var row = 0; row < next.Count; row++)
        {
            if (_ended[row])
                continue;
            if (decoding.EndTokens.Contains(next[row]))
            {
                _ended[row] = true;
                continue;
            }
            _tokens[row].Add(next[row]);
            var more = seen?.Invoke(row, next[row]) ?? true;
            _ended[row] = !more || _tokens[row].Count == decoding.MaxNewTokens || promptLengths[row] + _tokens[row].Count >= mostTokens;
        }
        return !_ended.All(ended => ended);
    }

    /// <summary>Token ids of each answer, without the token that ended it.</summary>
    public int[][] All() => [.. _tokens.Select(tokens => tokens.ToArray())];
}

/// <summary>Hears of a token of a row's answer as soon as it is chosen.</summary>
/// <returns>Whether the answer may go on.</returns>
public delegate bool TokenSeen(int row, int token);
