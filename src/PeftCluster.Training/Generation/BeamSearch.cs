using PeftCluster.Jobs;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Answers one prompt by following several beams at once. Rows of the model's batch are the beams. K beams, V vocabulary.
/// </summary>
/// <param name="model">What answers. Use it on its device's thread.</param>
/// <param name="decoding">How, with at least two beams.</param>
public sealed class BeamSearch(ICausalModel model, Decoding decoding)
{
    /// <summary>Answers a prompt.</summary>
    /// <param name="prompt">Its token ids, at least one.</param>
    /// <param name="cancellation">Polled at each token.</param>
    /// <returns>K answers, the best one first.</returns>
    /// <exception cref="BadInputException">The prompt leaves no room for an answer.</exception>
    public IReadOnlyList<BeamAnswer> Answer(int[] prompt, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        var room = Math.Min(decoding.MaxNewTokens, (model.MostTokens ?? int.MaxValue) - prompt.Length);
        if (room < 1)
            throw new BadInputException($"The prompt has {prompt.Length} tokens, and the model can see {model.MostTokens}. Shorten the prompt.");
        var (beams, rows) = (new Beams(decoding, room), new GrowingRows(model, room));
        var hidden_KD = rows.Start([.. Enumerable.Repeat(prompt, decoding.Beams)], cancellation);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            float[][] scores;
            using (hidden_KD)
            using (var logits_KV = model.Logits(hidden_KD))
            using (var log_KV = logits_KV.log_softmax(1))
                scores = NextTokens.ScoresOf(log_KV);
            for (var beam = 0; beam < scores.Length; beam++)
                ScoreRules.Apply(scores[beam], decoding, rows[beam], prompt.Length);
            if (beams.Advance(scores) is not { } next)
                return [.. beams.Ended.Select(one => new BeamAnswer(one.Tokens, one.Score))];
            rows.Reorder([.. next.Select(one => one.From)]);
            hidden_KD = rows.Grow([.. next.Select(one => one.Token)], cancellation);
        }
    }
}

/// <summary>One answer of a search.</summary>
/// <param name="Tokens">Its tokens, without the one that ended it.</param>
/// <param name="Score">The sum of its tokens' log-probabilities ÷ (their count, that of the one that ended it included)^penalty.</param>
public sealed record BeamAnswer(int[] Tokens, double Score);
