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

    /// <summary>
    /// Whether all held-out rows are asked behind the same examples, which a model without an encoder then reads once; else each row draws its own. Null: the same ones where rows have answer choices,
    /// else each its own.
    /// </summary>
    [AddedLater]
    public bool? SharedExamples { get; init; }

    /// <summary>Whether the right choices of a prompt's examples come in turn, as far as there are examples of each; else as they are drawn. For rows with answer choices.</summary>
    [AddedLater]
    public bool Balanced { get; init; }

    /// <summary>The share of a prompt's examples whose answer is a wrong one, rounded to whole examples: it shows what a model takes from the answers of examples.</summary>
    [In("[0, 1]"), AddedLater]
    public double WrongLabels { get; init; }

    /// <summary>What stands before the examples of a prompt. Null: the task's own description, if there is one. A prompt without examples has none.</summary>
    [AddedLater]
    public string? Description { get; init; }

    /// <summary>What answer choices are compared by.</summary>
    [AddedLater]
    public RankBy RankBy { get; init; } = RankBy.Mean;

    /// <summary>Rows of one fixed evaluation batch.</summary>
    [In("[1, 4096]")]
    public int BatchSize { get; init; } = 16;

    /// <summary>The most tokens of a generated answer.</summary>
    [In("[1, 4096]")]
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>What each answer is measured with besides: <c>squad_match</c>, <c>token_f1</c>, <c>rouge_l</c>, and metrics of plugins. The mean over the rows is told.</summary>
    [Items(0, 16), Pattern("^[a-z][a-z0-9_]{0,49}$", "a metric's name"), AddedLater]
    public ValueList<string> Metrics { get; init; } = [];

    /// <summary>Words of <see cref="Metrics"/> that need no plugin.</summary>
    public static IReadOnlyList<string> BuiltInMetrics { get; } = ["squad_match", "token_f1", "rouge_l"];
}

/// <summary>What answer choices are compared by.</summary>
public enum RankBy
{
    /// <summary>(1/T) Σ log p over the choice's T tokens, which does not favour short choices; T-Few's way.</summary>
    Mean,

    /// <summary>Σ log p.</summary>
    Sum,
}
