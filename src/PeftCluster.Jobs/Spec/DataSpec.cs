using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>Which rows are learnt from, which are held out, and how a row becomes a prompt and a completion.</summary>
public sealed record DataSpec
{
    /// <summary>
    /// The training rows: a file, a folder, a pattern such as `data/*.jsonl`, or a list of them, each a path or `{path, weight, epochs}` (docs/data.md). Files are JSON Lines, or by their ending JSON, CSV, TSV or Parquet, each also packed (.gz, .zst).
    /// </summary>
    [Example("data/train.jsonl")]
    public required DataSources Train { get; init; }

    /// <summary>The held-out rows, or null: then there is no evaluation, unless eval_fraction holds rows out.</summary>
    public DataSources? Eval { get; init; }

    /// <summary>The share of the training rows that is held out instead of learnt from, by a hash of each row's content: equal rows are on one side, and rows that are added move no other. Null: none.</summary>
    [In("(0, 1)"), AddedLater]
    public double? EvalFraction { get; init; }

    /// <summary>Another seed holds out other rows (eval_fraction).</summary>
    [In("[0, 9223372036854775807]"), AddedLater]
    public long SplitSeed { get; init; }

    /// <summary>The shape of a row.</summary>
    public DataFormat Format { get; init; } = DataFormat.Completion;

    /// <summary>
    /// What the fields of a row mean and how it becomes prompts with answer choices, for <see cref="DataFormat.Choices"/>: a built-in task (rte, cb, copa, wic, winogrande, hellaswag, storycloze, anli, boolq), or the path
    /// of a file that ends in .yaml (docs/tasks.md).
    /// </summary>
    [LocalPath(".yaml"), AddedLater]
    public string? Task { get; init; }

    /// <summary>The templates of the task that are used, by their names. Null: all.</summary>
    [Items(1, 256), Pattern(TemplateNames.Name, "the name of a template"), AddedLater]
    public ValueList<string>? Templates { get; init; }

    /// <summary>How many training rows are learnt from, drawn at random: few labelled examples. Held-out rows stay as they are. Null: all.</summary>
    [In("[1, 2147483647]"), AddedLater]
    public int? TrainExamples { get; init; }

    /// <summary>Another seed draws other examples (train_examples) and other labels (shuffle_labels).</summary>
    [In("[0, 9223372036854775807]"), AddedLater]
    public long ExamplesSeed { get; init; }

    /// <summary>Whether train_examples has as many examples of each right choice; where they do not divide evenly, who has one more is drawn.</summary>
    [AddedLater]
    public bool Balanced { get; init; }

    /// <summary>A control: the right choice of every training example is drawn anew at random, so that there is nothing to learn but the form. Held-out rows stay as they are.</summary>
    [AddedLater]
    public bool ShuffleLabels { get; init; }

    /// <summary>The names of the columns in the files, by the names that the format has for them: `{prompt: question, completion: answer}`. Null: they have the format's names.</summary>
    [Items(1, 16), AddedLater]
    public ValueMap<string>? Columns { get; init; }

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

    /// <summary>The fewest tokens of a row; shorter ones are left out and counted.</summary>
    [In("[1, 131072]"), AddedLater]
    public int MinLength { get; init; } = 1;

    /// <summary>Whether a row whose content came before, in the same set, is left out and counted.</summary>
    [AddedLater]
    public bool DropDuplicates { get; init; }

    /// <summary>What happens to a row that is longer than <see cref="MaxLength"/>.</summary>
    public OnTooLong OnTooLong { get; init; } = OnTooLong.Truncate;

    /// <summary>What happens to a row without anything to learn.</summary>
    public OnEmpty OnEmpty { get; init; } = OnEmpty.Refuse;

    /// <summary>What happens to a row that is not what the format says: no JSON, a field that is missing or of the wrong kind, a class that the model does not have.</summary>
    [AddedLater]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Refuse;

    /// <summary>Whether there are held-out rows.</summary>
    public bool HasEval => Eval is not null || EvalFraction is not null;
}

/// <summary>The shape of a row.</summary>
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

    /// <summary><c>text</c>, <c>label</c>: a class of the model by its name or number; a model without classes learns the label's text.</summary>
    Classification,

    /// <summary>The fields that <c>task</c> names: a prompt with answer choices, one of which is right.</summary>
    Choices,
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

    /// <summary>Leave the row out, and count it.</summary>
    Skip,
}

/// <summary>What happens to a row without a token to learn.</summary>
public enum OnEmpty
{
    /// <summary>Refuse the job and name the row.</summary>
    Refuse,

    /// <summary>Leave the row out, and count it.</summary>
    Skip,
}

/// <summary>What happens to a row that cannot be used.</summary>
public enum OnBadRow
{
    /// <summary>Refuse the job and name the row.</summary>
    Refuse,

    /// <summary>Leave the row out, count it and list it.</summary>
    Skip,
}
