using PeftCluster.Data.Chat;
using PeftCluster.Data.Chat.Jinja.Values;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>
/// <c>{"conversations": [{"from": "human", "value": …}, {"from": "gpt", "value": …}, …]}</c>: ShareGPT's shape. Who speaks becomes the role
/// that chat templates know; a field <c>system</c> beside the list is the first message.
/// </summary>
internal sealed record SharegptFormat(OnEmpty OnEmpty) : IExampleFormat
{
    private const string Field = "conversations";

    private static readonly Dictionary<string, string> Roles = new(StringComparer.Ordinal)
    {
        ["human"] = "user",
        ["user"] = "user",
        ["gpt"] = "assistant",
        ["assistant"] = "assistant",
        ["system"] = "system",
        ["tool"] = "tool",
    };

    public string Name => "sharegpt";

    public IReadOnlyList<string> RequiredFields { get; } = [Field];

    public IReadOnlyList<string> Fields { get; } = [Field, "system", "tools", "documents", "chat_template_kwargs"];

    public string Expects => "conversations (a list of from and value), system and tools (may be missing)";

    public string CompletionField => Field;

    public Example Parse(ExampleRow row)
    {
        var chat = new ConversationReader(row, OnEmpty);
        List<DictValue> messages = row.Optional("system") is { Length: > 0 } system ? [Conversation.Message("system", system)] : [];
        foreach (var (place, turn) in ConversationReader.Items(Field, row.Find(Field)))
        {
            var from = ConversationReader.Text(place, turn, "from", "role, set data.format: messages");
            if (!Roles.TryGetValue(from, out var role))
                throw ExampleRow.Bad($"{place}: \"{OneLine.Piece(from)}\" is nobody that is known. Known are {string.Join(", ", Roles.Keys)}. Fix the row.");
            messages.Add(Conversation.Message(role, ConversationReader.Text(place, turn, "value", "content, set data.format: messages")));
        }
        return chat.Example(Field, messages);
    }
}
