using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>What is measured on the held-out rows before and after training, and how.</summary>
public sealed record EvaluationSpec
{
    /// <summary>How many examples stand in the prompt of the base model, a measurement each. Empty: nothing is measured before training, and after it only if training.eval_steps is set.</summary>
    [Items(0, 16), In("[0, 32]")]
    public ValueList<int> Shots { get; init; } = [0];

    /// <summary>The seed that draws the examples from the training rows.</summary>
    [In("[0, 9223372036854775807]")]
    public long DemonstrationsSeed { get; init; }

    /// <summary>Rows of one fixed evaluation batch.</summary>
    [In("[1, 4096]")]
    public int BatchSize { get; init; } = 16;

    /// <summary>The most tokens of a generated answer.</summary>
    [In("[1, 4096]")]
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Metrics of plugins that each answer is measured with besides; the mean over the rows is told.</summary>
    [Items(0, 16), Pattern("^[a-z][a-z0-9_]{0,49}$", "a metric's name"), AddedLater]
    public ValueList<string> Metrics { get; init; } = [];
}
