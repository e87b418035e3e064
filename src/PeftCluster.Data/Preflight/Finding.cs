using System.Text.Json.Serialization;

namespace PeftCluster.Data.Preflight;

/// <summary>Something that people should know of a job's data before it costs anything.</summary>
/// <param name="Kind">Its name for scripts: <see cref="FindingKind"/>.</param>
/// <param name="Severity">Whether the job is refused for it.</param>
/// <param name="Text">One line: what, where, how often, and the remedy.</param>
public sealed record Finding(string Kind, Severity Severity, string Text);

/// <summary>What a finding means for the job.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
public enum Severity
{
    /// <summary>The job runs, and its result may not be what was meant.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>It cannot work: no GPU hour is spent on it.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}

/// <summary>The kinds of findings. They are a contract with scripts.</summary>
public static class FindingKind
{
    /// <summary>What preparing the rows found: rows cut, left out, shared with the held-out ones; or why they cannot be prepared.</summary>
    public const string Preparation = "preparation";

    /// <summary>A row is longer than the model was made for.</summary>
    public const string ContextLength = "context_length";

    /// <summary>A row has a token that the model's embedding does not have.</summary>
    public const string BeyondEmbedding = "beyond_embedding";

    /// <summary>The tokenizer has tokens that the model's embedding does not have, and no row uses them.</summary>
    public const string TokensAdded = "tokens_added";

    /// <summary>Answers end without a token of end.</summary>
    public const string EndMissing = "end_missing";

    /// <summary>A token of end stands behind the answer and is not learnt.</summary>
    public const string EndMasked = "end_masked";

    /// <summary>The token of begin is there twice.</summary>
    public const string BeginTwice = "begin_twice";

    /// <summary>What the chat template writes as one token the tokenizer takes apart.</summary>
    public const string TemplateSplit = "template_split";

    /// <summary>Nearly all examples have the same right choice.</summary>
    public const string ChoiceBalance = "choice_balance";

    /// <summary>Something that looks like a special token is text to the tokenizer.</summary>
    public const string MarkSplit = "mark_split";
}
