using System.Text.Json;
using PeftCluster.Data.Chat.Jinja.Values;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>
/// <c>{"prompt": …, "chosen": …, "rejected": …}</c>: a better and a worse answer. All are texts, or all lists of messages; then the prompt may be
/// missing, where both lists begin with it.
/// </summary>
internal sealed record PreferenceFormat : IExampleFormat
{
    public string Name => "preference";

    public IReadOnlyList<string> RequiredFields { get; } = ["chosen", "rejected"];

    public IReadOnlyList<string> Fields { get; } = ["prompt", "chosen", "rejected", "tools", "documents", "chat_template_kwargs"];

    public string Expects => "prompt, chosen, rejected (texts, or lists of messages)";

    public string CompletionField => "chosen";

    public Example Parse(ExampleRow row)
    {
        var (chosen, rejected) = (Answer(row, "chosen"), Answer(row, "rejected"));
        if (string.IsNullOrWhiteSpace(rejected.Completion))
            throw ExampleRow.Bad("\"rejected\" is empty. A pair needs two answers. Drop the row.");
        if (row.Find("chosen").GetRawText() == row.Find("rejected").GetRawText())
            throw ExampleRow.Bad("\"chosen\" and \"rejected\" are the same, so the pair says nothing. Drop the row.");
        return chosen with { Rejected = rejected };
    }

    private static Example Answer(ExampleRow row, string field)
    {
        var answer = row.Find(field);
        if (answer.ValueKind != JsonValueKind.Array)
            return new Example(row.Line, row.Required("prompt"), row.Required(field));
        var chat = new ConversationReader(row, OnEmpty.Refuse);
        List<DictValue> messages = row.TryFind("prompt", out var prompt) && prompt.ValueKind != JsonValueKind.Null ? ConversationReader.Messages("prompt", prompt) : [];
        messages.AddRange(ConversationReader.Messages(field, answer));
        return chat.Example(field, messages);
    }
}
