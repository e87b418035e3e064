using PeftCluster.Data.Chat;

namespace PeftCluster.Data.Formats;

/// <summary>Rows of another format as conversations of one question: the prompt is what the user says, the completion what the assistant answers.</summary>
internal sealed record AskedFormat(IExampleFormat Rows) : IExampleFormat
{
    public string Name => Rows.Name;

    public IReadOnlyList<string> RequiredFields => Rows.RequiredFields;

    public IReadOnlyList<string> Fields => Rows.Fields;

    public string Expects => Rows.Expects;

    public string CompletionField => Rows.CompletionField;

    public Example Parse(ExampleRow row)
    {
        var example = Rows.Parse(row);
        // The plain text of an instruction ends in a line feed, so that an answer starts on a line of its own; here the template sees to that.
        var prompt = Rows is AlpacaFormat ? example.Prompt[..^1] : example.Prompt;
        return example with { Conversation = Conversation.Of(prompt, example.Completion) };
    }
}
