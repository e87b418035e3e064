using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Prepared;

/// <summary>Rows as token ids: what training reads, wherever they lie.</summary>
public interface ITokenRows : IRowIndex
{
    /// <summary>The row's tokens: prompt, completion, token of end; without padding.</summary>
    ReadOnlySpan<int> Tokens(int row);

    /// <summary>How many of them stand before the last answer, which starts where the last span does.</summary>
    int PromptLength(int row);

    /// <summary>Which of them carry labels: at least one span, in their order. Token 0 never counts, whatever they say.</summary>
    ReadOnlySpan<LabelSpan> Labelled(int row);
}
