using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Prepared;

/// <summary>Rows as token ids: what training reads, wherever they lie.</summary>
public interface ITokenRows : IRowIndex
{
    /// <summary>The row's tokens: prompt, completion, token of end; without padding.</summary>
    ReadOnlySpan<int> Tokens(int row);

    /// <summary>How many of them are prompt; labels start after it.</summary>
    int PromptLength(int row);
}
