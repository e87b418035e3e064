using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>Which rows are learnt from, which are held out, and how a row becomes a prompt and a completion.</summary>
public sealed record DataSpec
{
    /// <summary>The training rows: a JSON Lines file.</summary>
    [LocalPath, Example("data/train.jsonl")]
    public required string Train { get; init; }

    /// <summary>The held-out rows, or null: then there is no evaluation.</summary>
    [LocalPath]
    public string? Eval { get; init; }

    /// <summary>The shape of a JSON line.</summary>
    public DataFormat Format { get; init; } = DataFormat.Completion;

    /// <summary>How an Alpaca row becomes a prompt. Not used by <see cref="DataFormat.Completion"/>.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Alpaca;

    /// <summary>The most tokens of a row, prompt and completion together.</summary>
    [In("[8, 131072]")]
    public int MaxLength { get; init; } = 1024;

    /// <summary>
    /// Whether several training rows share one of <see cref="MaxLength"/> tokens, so that next to nothing is padding. None sees another: attention and places
    /// start anew with each. training.micro_batch_size counts the shared rows.
    /// </summary>
    [AddedLater]
    public bool Packing { get; init; }

    /// <summary>What happens to a row that is longer than <see cref="MaxLength"/>.</summary>
    public OnTooLong OnTooLong { get; init; } = OnTooLong.Truncate;

    /// <summary>What happens to a row without anything to learn.</summary>
    public OnEmpty OnEmpty { get; init; } = OnEmpty.Refuse;
}

/// <summary>The shape of a JSON line.</summary>
public enum DataFormat
{
    /// <summary><c>prompt</c>, <c>completion</c>.</summary>
    Completion,

    /// <summary><c>instruction</c>, <c>input</c> (may be empty or missing), <c>output</c>.</summary>
    Alpaca,
}

/// <summary>The text around an Alpaca row.</summary>
public enum PromptTemplate
{
    /// <summary>Stanford Alpaca's text: "Below is an instruction that describes a task…".</summary>
    Alpaca,

    /// <summary>Instruction and input, a line each, nothing around them.</summary>
    Plain,
}

/// <summary>What happens to a row that is too long.</summary>
public enum OnTooLong
{
    /// <summary>Cut the row at the end, and count it in a warning.</summary>
    Truncate,

    /// <summary>Refuse the job and name the row.</summary>
    Refuse,
}

/// <summary>What happens to a row without a token to learn.</summary>
public enum OnEmpty
{
    /// <summary>Refuse the job and name the row.</summary>
    Refuse,

    /// <summary>Leave the row out, and count it.</summary>
    Skip,
}
