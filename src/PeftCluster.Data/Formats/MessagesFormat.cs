using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary><c>{"messages": [{"role": …, "content": …}, …], "tools": […]}</c>: a conversation, as chat templates take them. The list may be named conversations.</summary>
internal sealed record MessagesFormat(OnEmpty OnEmpty) : IExampleFormat
{
    private const string Field = "messages";
    private const string Other = "conversations";

    public string Name => "messages";

    public IReadOnlyList<string> RequiredFields { get; } = [Field];

    public IReadOnlyList<string> Fields { get; } = [Field, Other, "tools", "documents", "chat_template_kwargs"];

    public string Expects => "messages (a list of role and content), tools (may be missing)";

    public string CompletionField => Field;

    public Example Parse(ExampleRow row)
    {
        var field = row.TryFind(Other, out _) && !row.TryFind(Field, out _) ? Other : Field;
        var chat = new ConversationReader(row, OnEmpty);
        return chat.Example(field, ConversationReader.Messages(field, row.Find(field)));
    }
}
