using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Answers of a fixed batch of prompts, one token at a time: the likeliest or a drawn one. Unusual: a row that has ended goes on unheeded
/// until all have, since a shrinking batch could change the last bit of the others. Beams are <see cref="BeamSearch"/>'s.
/// Shapes: B rows, T tokens, D hidden size.
/// </summary>
/// <param name="model">What answers. Use it on its device's thread.</param>
/// <param name="decoding">How tokens are chosen, and when an answer ends.</param>
public sealed class AnswerGenerator(ICausalModel model, Decoding decoding)
{
    /// <summary>Answers prompts.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <param name="cancellation">Polled at each token.</param>
    /// <param name="seen">Hears of each token.</param>
    /// <returns>An answer for each prompt, without the token that ended it.</returns>
    public int[][] Generate(IReadOnlyList<int[]> prompts, CancellationToken cancellation, TokenSeen? seen = null)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        var rows = new GrowingRows(model, decoding.MaxNewTokens);
        return Run(rows, rows.Start(prompts, cancellation), prompts, seen, cancellation);
    }

    /// <summary>
    /// Answers prompts that the model has already read. What else it read after them is padding: hidden states and keys of
    /// a prompt do not depend on it, and answers are written over it.
    /// </summary>
    /// <param name="hidden_BD">Hidden states of each prompt's last token.</param>
    /// <param name="cache">Their keys and values, with room for the answers.</param>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <param name="cancellation">Polled at each token.</param>
    internal int[][] Continue(Tensor hidden_BD, KeyValueCache cache, IReadOnlyList<int[]> prompts, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        var rows = new GrowingRows(model, decoding.MaxNewTokens);
        rows.Adopt(prompts, cache);
        return Run(rows, hidden_BD, prompts, null, cancellation);
    }

    private int[][] Run(GrowingRows rows, Tensor hidden_BD, IReadOnlyList<int[]> prompts, TokenSeen? seen, CancellationToken cancellation)
    {
        int[] lengths = [.. prompts.Select(prompt => prompt.Length)];
        var (answers, choice) = (new Answers(lengths, decoding, model.MostTokens), new NextTokens(decoding, lengths));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] next;
            using (hidden_BD)
            using (var logits_BV = model.Logits(hidden_BD))
                next = choice.Of(logits_BV, rows);
            if (!answers.Add(next, seen))
                return answers.All();
            hidden_BD = rows.Grow(next, cancellation);
        }
    }
}
