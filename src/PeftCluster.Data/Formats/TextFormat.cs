namespace PeftCluster.Data.Formats;

/// <summary><c>{"text": …}</c>: a document, learnt whole.</summary>
internal sealed record TextFormat : IExampleFormat
{
    public string Name => "text";

    public IReadOnlyList<string> RequiredFields { get; } = ["text"];

    public IReadOnlyList<string> Fields { get; } = ["text"];

    public string Expects => "text";

    public string CompletionField => "text";

    public Example Parse(ExampleRow row) => new(row.Line, "", row.Required("text"));
}
