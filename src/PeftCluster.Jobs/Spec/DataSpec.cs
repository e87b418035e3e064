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

    /// <summary>How an Alpaca row becomes a prompt. Not used by other formats, nor with <see cref="ChatTemplate"/>.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Alpaca;

    /// <summary>
    /// The chat template that makes a text of a conversation: <c>model</c> for the one in the model's folder, the name of a known format (chatml, llama-3, gemma, …), or the path of
    /// a file that ends in .jinja. Null: conversations take the model's, and other rows none. With a template, prompts and Alpaca's instructions are what the
    /// user says, completions and outputs what the assistant answers.
    /// </summary>
    [LocalPath(".jinja"), AddedLater]
    public string? ChatTemplate { get; init; }

    /// <summary>Which part of a row is learnt. <see cref="DataFormat.Text"/> is learnt whole.</summary>
    [AddedLater]
    public LossOn LossOn { get; init; } = LossOn.AssistantTurns;

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

    /// <summary><c>messages</c> (or <c>conversations</c>): a list of <c>role</c> and <c>content</c>; <c>tools</c> and <c>chat_template_kwargs</c> may stand beside it.</summary>
    Messages,

    /// <summary><c>conversations</c>: a list of <c>from</c> (human, gpt, system, tool) and <c>value</c>; <c>system</c> and <c>tools</c> may stand beside it.</summary>
    Sharegpt,

    /// <summary><c>text</c>: a document, learnt whole; one that is longer than <c>max_length</c> is cut into several rows.</summary>
    Text,

    /// <summary><c>prompt</c>, <c>chosen</c>, <c>rejected</c>, as texts or as lists of messages: a better and a worse answer. Read and checked; no training of this version learns from pairs.</summary>
    Preference,
}

/// <summary>Which part of a row is learnt.</summary>
public enum LossOn
{
    /// <summary>The completion; the last thing that the assistant says.</summary>
    LastTurn,

    /// <summary>The completion; all that the assistant says.</summary>
    AssistantTurns,

    /// <summary>The whole row.</summary>
    Everything,
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
