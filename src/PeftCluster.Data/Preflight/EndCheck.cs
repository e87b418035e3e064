using PeftCluster.Data.Formats;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Preflight;

/// <summary>
/// Whether the model learns where an answer ends. An answer is good where a token of end is among its last labels; where one stands just behind them it
/// is masked (as when padding and end are one token and padding is masked, or a template's generation block ends before it); else it is missing.
/// </summary>
/// <param name="set">The rows.</param>
/// <param name="tokenizer">Its tokens of end; without one there is nothing to check, and preparing the rows has said so.</param>
/// <param name="ends">Tokens that end an answer: the model's, and what the chat template ends a turn with.</param>
/// <param name="maxLength">A row of this length was cut, or ends here by chance: it proves nothing.</param>
internal sealed class EndCheck(RowSet set, TextTokenizer tokenizer, IReadOnlyCollection<int> ends, int maxLength) : IRowCheck
{
    /// <summary>Behind the token of end a template may have a line feed, and behind an answer a space before it.</summary>
    private const int Near = 3;

    private RowCount _missing = new(set);
    private RowCount _masked = new(set);

    public void See(int row, ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans)
    {
        if (ends.Count == 0 || tokenizer.Classes is not null || tokens.Length >= maxLength)
            return;
        var (start, end) = spans[^1];
        if (HasEnd(tokens[Math.Max(start, end - Near)..end]))
            return;
        if (HasEnd(tokens[end..Math.Min(end + Near, tokens.Length)]))
            _masked.Add(row);
        else
            _missing.Add(row);
    }

    public IEnumerable<Finding> Findings
    {
        get
        {
            if (_masked.Rows > 0)
                yield return new(FindingKind.EndMasked, Severity.Warning, $"{_masked.Share} have {Names} behind the answer without a label, so the model does not learn to stop {_masked.First}. Let the labels reach over it: a chat template's generation block must hold the token that ends the turn.");
            if (_missing.Rows > 0)
                yield return new(FindingKind.EndMissing, Severity.Warning, $"{_missing.Share} end without a token of end ({Names}), so the model does not learn to stop {_missing.First}. Let each answer end with it: in the chat template, or by eos_token in tokenizer_config.json.");
        }
    }

    private string Names => string.Join(" or ", ends.Select(end => $"\"{OneLine.Piece(tokenizer.NameOf(end))}\""));

    private bool HasEnd(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            if (ends.Contains(token))
                return true;
        }
        return false;
    }
}
