namespace PeftCluster.Steps.Plan;

/// <summary>What the plan must know of the prepared rows: their lengths and label counts, nothing of their content.</summary>
public interface IRowIndex
{
    /// <summary>The number of rows.</summary>
    int Count { get; }

    /// <summary>Tokens of a row, prompt and completion together.</summary>
    int Length(int row);

    /// <summary>Tokens of a row that carry a label, counted as the loss counts them (after the shift by one).</summary>
    int Labels(int row);
}
