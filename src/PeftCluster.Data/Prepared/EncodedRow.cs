namespace PeftCluster.Data.Prepared;

/// <summary>A row as tokens.</summary>
/// <param name="Tokens">All of them.</param>
/// <param name="Spans">Which of them carry labels, at least one.</param>
internal readonly record struct EncodedRow(List<int> Tokens, LabelSpan[] Spans);
