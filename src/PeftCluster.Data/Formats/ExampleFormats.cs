using System.Diagnostics;
using PeftCluster.Data.Tasks;
using PeftCluster.Data.Templates;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>A shape that a row may have.</summary>
internal interface IExampleFormat
{
    /// <summary>The word for data.format.</summary>
    string Name { get; }

    /// <summary>Fields that a row must have.</summary>
    IReadOnlyList<string> RequiredFields { get; }

    /// <summary>All fields that it reads, by its own names: data.columns may rename them, and they are a row's content.</summary>
    IReadOnlyList<string> Fields { get; }

    /// <summary>The fields for a message.</summary>
    string Expects { get; }

    /// <summary>The field that holds the answer.</summary>
    string CompletionField { get; }

    Example Parse(ExampleRow row);
}

/// <summary>The formats by their word in job.yaml.</summary>
internal static class ExampleFormats
{
    public static IReadOnlyList<IExampleFormat> All { get; } =
    [
        new CompletionFormat(), new AlpacaFormat(PromptTemplate.Alpaca), new MessagesFormat(OnEmpty.Refuse), new SharegptFormat(OnEmpty.Refuse),
        new PreferenceFormat(), new ClassificationFormat(), new TextFormat(),
    ];

    /// <param name="data">The shape of the rows.</param>
    /// <param name="task">The job's task; null where its rows have no choices.</param>
    public static IExampleFormat Of(DataSpec data, DataTask? task) => data.Format switch
    {
        DataFormat.Completion when data.ChatTemplate is not null => new AskedFormat(new CompletionFormat()),
        DataFormat.Completion => new CompletionFormat(),
        DataFormat.Alpaca when data.ChatTemplate is not null => new AskedFormat(new AlpacaFormat(PromptTemplate.Plain)),
        DataFormat.Alpaca => new AlpacaFormat(data.Template),
        DataFormat.Messages => new MessagesFormat(data.OnEmpty),
        DataFormat.Sharegpt => new SharegptFormat(data.OnEmpty),
        DataFormat.Text => new TextFormat(),
        DataFormat.Preference => new PreferenceFormat(),
        DataFormat.Classification => new ClassificationFormat(),
        DataFormat.Choices => new ChoicesFormat(task ?? throw new ArgumentNullException(nameof(task))),
        _ => throw new UnreachableException($"No reader for the format {data.Format}."),
    };
}

/// <summary><c>{"prompt": …, "completion": …}</c>: both as they are.</summary>
internal sealed record CompletionFormat : IExampleFormat
{
    public string Name => "completion";

    public IReadOnlyList<string> RequiredFields { get; } = ["prompt", "completion"];

    public IReadOnlyList<string> Fields => RequiredFields;

    public string Expects => "prompt, completion";

    public string CompletionField => "completion";

    public Example Parse(ExampleRow row) => new(row.Line, row.Required("prompt"), row.Required("completion"));
}

/// <summary><c>{"instruction": …, "input": …, "output": …}</c>: Stanford Alpaca's shape; input may be empty or missing.</summary>
internal sealed record AlpacaFormat(PromptTemplate Template) : IExampleFormat
{
    public string Name => "alpaca";

    public IReadOnlyList<string> RequiredFields { get; } = ["instruction", "output"];

    public IReadOnlyList<string> Fields { get; } = ["instruction", "input", "output"];

    public string Expects => "instruction, input (may be missing), output";

    public string CompletionField => "output";

    public Example Parse(ExampleRow row)
    {
        var (instruction, output) = (row.Required("instruction"), row.Required("output"));
        return new Example(row.Line, InstructionPrompt.Of(Template, instruction, row.Optional("input")), output);
    }
}

/// <summary><c>{"text": …, "label": …}</c>: a text and its class, by name or number.</summary>
internal sealed record ClassificationFormat : IExampleFormat
{
    public string Name => "classification";

    public IReadOnlyList<string> RequiredFields { get; } = ["text", "label"];

    public IReadOnlyList<string> Fields => RequiredFields;

    public string Expects => "text, label";

    public string CompletionField => "label";

    public Example Parse(ExampleRow row) => new(row.Line, row.Required("text"), row.TextOrNumber("label"));
}
