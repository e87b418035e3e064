using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Preflight;

/// <summary>Rows as a test writes them: tokens, and which carry labels. What no reader of ours makes can still come from a template of somebody's.</summary>
internal sealed class MadeRows(params (int[] Tokens, LabelSpan[] Spans)[] rows) : ITokenRows
{
    public int Count => rows.Length;

    public int Length(int row) => rows[row].Tokens.Length;

    public int Labels(int row) => LabelSpan.Labels(rows[row].Spans);

    public ReadOnlySpan<int> Tokens(int row) => rows[row].Tokens;

    public int PromptLength(int row) => rows[row].Spans[^1].Start;

    public ReadOnlySpan<LabelSpan> Labelled(int row) => rows[row].Spans;

    public RowSet Set => new("data.train", this, row => $"rows.jsonl:{row + 1}");
}
