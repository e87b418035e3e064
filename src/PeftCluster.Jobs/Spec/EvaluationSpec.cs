namespace PeftCluster.Jobs.Spec;

/// <summary>What is measured on the held-out rows before and after training.</summary>
public sealed record EvaluationSpec
{
    /// <summary>
    /// How many examples stand in the prompt of the base model, a measurement each (each 0 to 32; distinct). Empty: no evaluation at all.
    /// </summary>
    public IReadOnlyList<int> Shots { get; init; } = [0];

    /// <summary>The seed that draws the examples from the training rows.</summary>
    public long DemonstrationsSeed { get; init; }

    /// <summary>Rows of one fixed evaluation batch (1 to 4,096).</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The most tokens of a generated answer (1 to 4,096).</summary>
    public int MaxNewTokens { get; init; } = 64;
}
