using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Answers of the likeliest token at each place, for a fixed batch of prompts. Rows are padded on the right and each new token lands at
/// its row's own place, so a row's answer is the one it gets alone. Unusual: a row that has ended goes on unheeded until all have,
/// since a shrinking batch could change the last bit of the others. Shapes: B rows, T tokens, D hidden size, V vocabulary.
/// </summary>
/// <param name="model">What answers. Use it on its device's thread.</param>
/// <param name="endToken">The token that ends an answer; null: only the count of tokens does.</param>
public sealed class GreedyGenerator(ICausalModel model, int? endToken)
{
    /// <summary>Answers prompts.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <param name="mostTokens">The most tokens of an answer, at least one.</param>
    /// <param name="cancellation">Polled at each token.</param>
    /// <returns>An answer for each prompt, without the token that ended it.</returns>
    public int[][] Generate(IReadOnlyList<int[]> prompts, int mostTokens, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        var (hidden_BTD, cache) = Read(prompts, mostTokens, cancellation);
        return Continue(hidden_BTD, cache, prompts, mostTokens, cancellation);
    }

    /// <summary>
    /// Answers prompts that the model has already read. What else it read after them is padding: hidden states and keys of
    /// a prompt do not depend on it, and answers are written over it.
    /// </summary>
    /// <param name="hidden_BTD">Hidden states of the prompts.</param>
    /// <param name="cache">Their keys and values, with room for the answers.</param>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <param name="mostTokens">The most tokens of an answer, at least one.</param>
    /// <param name="cancellation">Polled at each token.</param>
    internal int[][] Continue(Tensor hidden_BTD, KeyValueCache cache, IReadOnlyList<int[]> prompts, int mostTokens, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        var places = prompts.Select(prompt => (long)prompt.Length).ToArray();
        var answers = new Answers(places.Length, mostTokens, endToken);
        var next_B = Likeliest(LastOf(hidden_BTD, places));
        while (answers.Add(next_B))
        {
            cancellation.ThrowIfCancellationRequested();
            if (places.Where((place, row) => !answers.HasEnded(row) && model.StartsAnew((int)place + 1)).Any())
            {
                int[][] rows = [.. prompts.Select((prompt, row) => (int[])[.. prompt, .. answers.Of(row)])];
                (hidden_BTD, cache) = Read(rows, mostTokens, cancellation);
                places = [.. rows.Select(row => (long)row.Length)];
                next_B = Likeliest(LastOf(hidden_BTD, places));
                continue;
            }
            using var token = NewDisposeScope();
            var step_BD = model.Extend(next_B.unsqueeze(1), cache, places).squeeze(1);
            using var before = next_B;
            next_B = Likeliest(step_BD).MoveToOuterDisposeScope();
            for (var row = 0; row < places.Length; row++)
                places[row]++;
        }
        return answers.All();
    }

    private (Tensor Hidden_BTD, KeyValueCache Cache) Read(IReadOnlyList<int[]> rows, int mostTokens, CancellationToken cancellation)
    {
        int[] lengths = [.. rows.Select(row => row.Length)];
        var length = PaddedRows.LengthOf(lengths.Max());
        var cache = model.NewCache(rows.Count, length + mostTokens);
        return (model.Hidden(PaddedRows.Of(rows.Count, row => rows[row], length, model.Config.VocabularySize), cache, lengths, cancellation), cache);
    }

    private Tensor Likeliest(Tensor hidden_BD) => model.Logits(hidden_BD).argmax(1);

    // The place before the answer's first, in each row.
    private static Tensor LastOf(Tensor hidden_BTD, long[] lengths)
    {
        var index = lengths.Select((length, row) => row * hidden_BTD.shape[1] + length - 1).ToArray();
        return hidden_BTD.reshape(-1, hidden_BTD.shape[2]).index_select(0, tensor(index, device: hidden_BTD.device));
    }
}
