using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Rows as token ids: what training reads, wherever they lie. A row with answer choices (<see cref="IRowIndex.HasChoices"/>) is its prompt and, behind it, every
/// choice, each as the model would write it behind the prompt; its spans are the choices.
/// </summary>
public interface ITokenRows : IRowIndex
{
    /// <summary>The row's tokens: prompt, completion, token of end; without padding.</summary>
    ReadOnlySpan<int> Tokens(int row);

    /// <summary>How many of them stand before the last answer, which starts where the last span does; of a row with choices, before the first.</summary>
    int PromptLength(int row);

    /// <summary>Which of them carry labels: at least one span, in their order. Token 0 never counts, whatever they say.</summary>
    ReadOnlySpan<LabelSpan> Labelled(int row);

    /// <summary>The row's line in its data file, from 1; of rows that come from none, the row itself.</summary>
    int Line(int row) => row + 1;

    /// <summary>Which of the row's spans is the right choice, from 0; null: the row has no choices.</summary>
    int? RightChoice(int row) => null;
}
