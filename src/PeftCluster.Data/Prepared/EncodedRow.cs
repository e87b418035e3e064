namespace PeftCluster.Data.Prepared;

/// <summary>A row as tokens.</summary>
/// <param name="Tokens">All of them.</param>
/// <param name="Spans">Which of them carry labels, at least one.</param>
/// <param name="Right">Which span is the right choice; null: the spans are no choices.</param>
internal readonly record struct EncodedRow(List<int> Tokens, LabelSpan[] Spans, int? Right = null)
{
    /// <summary>Tokens that the model sees at once: all; of a row with choices the prompt and the longest of them.</summary>
    public int PlannedLength => Right is null ? Tokens.Count : LabelSpan.PlannedLength(Spans);
}
