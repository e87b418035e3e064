namespace PeftCluster.Training.Generation;

/// <summary>
/// The state of one search with K beams, apart from any model: which beams are followed, which have ended, and when to stop. At each step
/// the likeliest continuations of all beams together are looked at, enough that K of them go on even if all beams could end; of
/// the first K, those that end are compared with the ones that ended before. Scores are float32 sums of log-probabilities, as in transformers.
/// </summary>
internal sealed class Beams
{
    // What a beam's score is as long as there is no beam.
    private const float None = -1e9f;

    private readonly Decoding _decoding;
    private readonly int _mostTokens;
    private (int[] Tokens, float Score)[] _running;
    private List<(int[] Tokens, float Score)> _ended = [];

    /// <param name="decoding">Beams, length penalty, when to stop, tokens of end.</param>
    /// <param name="mostTokens">The most tokens of an answer.</param>
    public Beams(Decoding decoding, int mostTokens)
    {
        (_decoding, _mostTokens) = (decoding, mostTokens);
        // All beams are equal at first, so only one of them counts.
        _running = [.. Enumerable.Range(0, decoding.Beams).Select(beam => (Array.Empty<int>(), beam == 0 ? 0f : None))];
    }

    /// <summary>Beams that have ended, the best one first: tokens of the answer without the one that ended it, and score ÷ tokens^penalty.</summary>
    public IReadOnlyList<(int[] Tokens, float Score)> Ended => _ended;

    /// <summary>Makes one step.</summary>
    /// <param name="logProbabilities">Of each beam, V numbers.</param>
    /// <returns>The beams that are followed from here: each one's beam before and its new token; null: the search is over.</returns>
    public IReadOnlyList<(int From, int Token)>? Advance(float[][] logProbabilities)
    {
        var (beams, length) = (_decoding.Beams, _running[0].Tokens.Length + 1);
        var best = Best(logProbabilities, Math.Max(2, 1 + _decoding.EndTokens.Count) * beams);
        bool Ends(int token) => length == _mostTokens || _decoding.EndTokens.Contains(token);
        var penalty = (float)Math.Pow(length, _decoding.LengthPenalty);
        var ending = best.Take(beams).Where(one => Ends(one.Token))
            .Select(one => (_decoding.EndTokens.Contains(one.Token) ? _running[one.From].Tokens : [.. _running[one.From].Tokens, one.Token], one.Score / penalty));
        _ended = [.. _ended.Concat(ending).OrderByDescending(one => one.Item2).Take(beams)];
        var next = best.Where(one => !Ends(one.Token)).Take(beams).ToArray();
        if (next.Length == 0 || IsOver(next[0].Score, length))
            return null;
        _running = [.. next.Select(one => ((int[])[.. _running[one.From].Tokens, one.Token], one.Score))];
        return [.. next.Select(one => (one.From, one.Token))];
    }

    private bool IsOver(float bestRunning, int length)
    {
        if (_ended.Count < _decoding.Beams)
            return false;
        if (_decoding.EarlyStopping == EarlyStopping.Yes)
            return true;
        var hoped = _decoding.EarlyStopping == EarlyStopping.Never && _decoding.LengthPenalty > 0 ? _mostTokens : length;
        return bestRunning / (float)Math.Pow(hoped, _decoding.LengthPenalty) <= _ended[^1].Score;
    }

    // The likeliest continuations of all beams together, the likeliest first.
    private List<(int From, int Token, float Score)> Best(float[][] logProbabilities, int count)
    {
        var queue = new PriorityQueue<(int From, int Token, float Score), float>();
        for (var beam = 0; beam < logProbabilities.Length; beam++)
        {
            for (var token = 0; token < logProbabilities[beam].Length; token++)
            {
                var score = logProbabilities[beam][token] + _running[beam].Score;
                if (queue.Count < count)
                    queue.Enqueue((beam, token, score), score);
                else if (score > queue.Peek().Score)
                    queue.EnqueueDequeue((beam, token, score), score);
            }
        }
        return [.. queue.UnorderedItems.Select(item => item.Element).OrderByDescending(one => one.Score).ThenBy(one => one.From).ThenBy(one => one.Token)];
    }
}
