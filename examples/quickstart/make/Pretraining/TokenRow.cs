using PeftCluster.Data.Tokenizers;
using PeftCluster.Quickstart.Make.Tasks;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>A row in tokens, and at each place the token that must come next, or −1 where nothing is learnt.</summary>
internal sealed record TokenRow(int[] Ids, int[] Next)
{
    /// <summary>
    /// Rows one after another, a blank line between them, as examples stand before a question. An answer ends with the
    /// token of end wherever it stands: after an example that token is asked for, but the blank line comes.
    /// </summary>
    /// <param name="tokenizer">The base's own.</param>
    /// <param name="rows">Examples, and last the question.</param>
    /// <param name="learntFrom">The first row whose answer is learnt.</param>
    public static TokenRow Of(TextTokenizer tokenizer, IReadOnlyList<Row> rows, int learntFrom = 0)
    {
        var (ids, next) = (new List<int>(), new List<int>());
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0)
                ids.AddRange(tokenizer.Encode("\n\n", addSpecialTokens: false));
            ids.AddRange(tokenizer.Encode(rows[i].Prompt, addSpecialTokens: false));
            next.AddRange(Enumerable.Repeat(-1, ids.Count - 1 - next.Count));
            int[] answer = tokenizer.Encode(rows[i].Output, addSpecialTokens: false);
            ids.AddRange(answer);
            int[] expected = [.. answer, tokenizer.EosId!.Value];
            next.AddRange(i >= learntFrom ? expected : Enumerable.Repeat(-1, expected.Length));
        }
        return new TokenRow([.. ids], [.. next]);
    }
}
