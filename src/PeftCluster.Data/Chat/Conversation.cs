using System.Text.Json;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat;

/// <summary>What a chat template is given: messages (role, content, tool_calls, …), and where there are any, tools, documents and more variables.</summary>
public sealed class Conversation
{
    private Conversation(IReadOnlyList<Value> messages, Value tools, Value documents, IReadOnlyDictionary<string, Value> more) =>
        (Messages, Tools, Documents, More) = (messages, tools, documents, more);

    internal IReadOnlyList<Value> Messages { get; }

    internal Value Tools { get; }

    internal Value Documents { get; }

    internal IReadOnlyDictionary<string, Value> More { get; }

    /// <param name="messages">A JSON list of objects.</param>
    /// <param name="tools">A JSON list, or nothing.</param>
    /// <param name="documents">A JSON list, or nothing.</param>
    /// <param name="more">A JSON object of further variables, or nothing.</param>
    /// <exception cref="ArgumentException">The messages are no list of objects.</exception>
    public static Conversation Of(JsonElement messages, JsonElement tools = default, JsonElement documents = default, JsonElement more = default)
    {
        if (messages.ValueKind != JsonValueKind.Array || messages.EnumerateArray().Any(message => message.ValueKind != JsonValueKind.Object))
            throw new ArgumentException("messages are a list of objects, each with a role and a content", nameof(messages));
        var variables = more.ValueKind == JsonValueKind.Object
            ? more.EnumerateObject().ToDictionary(field => field.Name, field => ChatValues.Of(field.Value), StringComparer.Ordinal)
            : [];
        return new Conversation([.. messages.EnumerateArray().Select(ChatValues.Of)], ChatValues.Of(tools), ChatValues.Of(documents), variables);
    }

    /// <summary>A conversation of values that are here already.</summary>
    internal static Conversation Of(IReadOnlyList<DictValue> messages, Value tools, Value documents, IReadOnlyDictionary<string, Value> more) => new(messages, tools, documents, more);

    /// <summary>What somebody says, and what the assistant answers.</summary>
    internal static Conversation Of(string prompt, string completion) =>
        new([Message("user", prompt), Message("assistant", completion)], NoneValue.None, NoneValue.None, new Dictionary<string, Value>());

    internal static DictValue Message(string role, string content) =>
        new([KeyValuePair.Create((Value)"role", (Value)role), KeyValuePair.Create((Value)"content", (Value)content)]);

    /// <summary>The first so many messages.</summary>
    internal Conversation First(int count) => new([.. Messages.Take(count)], Tools, Documents, More);

    internal Conversation With(IReadOnlyList<Value> messages) => new(messages, Tools, Documents, More);

    /// <summary>Whether a message is learnt from where it is the assistant's: OpenAI's rows say <c>"weight": 0</c> where it is not.</summary>
    internal bool IsLearnt(int message) => ((DictValue)Messages[message]).Item("weight") is not IntValue { Number.IsZero: true };

    internal string? RoleOf(int message) => ((DictValue)Messages[message]).Item("role") is TextValue role ? role.Text : null;
}
