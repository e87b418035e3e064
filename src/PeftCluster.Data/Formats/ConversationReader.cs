using System.Globalization;
using System.Text.Json;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Chat.Jinja.Values;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>Reads a conversation out of a row: its messages, and what stands beside them for the template. Refusals name the message.</summary>
internal readonly ref struct ConversationReader(ExampleRow row, OnEmpty onEmpty)
{
    private const string Assistant = "assistant";

    private readonly ExampleRow _row = row;

    /// <summary>The objects of a list, each with the name of its place.</summary>
    public static List<(string Place, JsonElement Item)> Items(string field, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw ExampleRow.Bad($"\"{field}\" is {ExampleRow.Kind(list)}, not a list of messages. Fix the row.");
        if (list.GetArrayLength() == 0)
            throw ExampleRow.Bad($"\"{field}\" is an empty list. Drop the row.");
        var items = new List<(string, JsonElement)>();
        foreach (var item in list.EnumerateArray())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{field}[{items.Count}]");
            items.Add(item.ValueKind == JsonValueKind.Object ? (place, item) : throw ExampleRow.Bad($"{place} is {ExampleRow.Kind(item)}, not an object. Fix the row."));
        }
        return items;
    }

    /// <summary>A text of a message.</summary>
    public static string Text(string place, JsonElement message, string name, string remedy)
    {
        if (!message.TryGetProperty(name, out var value))
            throw ExampleRow.Bad($"{place} has no \"{name}\". Fix the row; if its messages have {remedy}.");
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw ExampleRow.Bad($"{place}: \"{name}\" is {ExampleRow.Kind(value)}, not a text. Fix the row.");
    }

    /// <summary>Messages of role and content, and whatever else they have.</summary>
    public static List<DictValue> Messages(string field, JsonElement list)
    {
        var messages = new List<DictValue>();
        foreach (var (place, message) in Items(field, list))
        {
            if (Text(place, message, "role", "from and value, set data.format: sharegpt").Length == 0)
                throw ExampleRow.Bad($"{place}: \"role\" is empty. Fix the row.");
            if (message.TryGetProperty("content", out var content) && content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Null))
                throw ExampleRow.Bad($"{place}: \"content\" is {ExampleRow.Kind(content)}, neither a text nor a list of parts. Fix the row.");
            if (message.TryGetProperty("weight", out var weight) && !(weight.ValueKind == JsonValueKind.Number && weight.TryGetInt32(out var whole) && whole is 0 or 1))
                throw ExampleRow.Bad($"{place}: \"weight\" is {OneLine.Piece(weight.GetRawText())}; it is 0 where the message is not learnt, else 1. Fix the row.");
            messages.Add((DictValue)Value(place, message));
        }
        return messages;
    }

    /// <summary>The row's example. Where the assistant says nothing in it, the row has nothing to learn.</summary>
    public Example Example(string field, List<DictValue> messages)
    {
        var answer = messages.FindLastIndex(message => message.Item("role") is TextValue { Text: Assistant });
        var said = answer < 0 ? "" : Said(messages[answer]);
        if (string.IsNullOrWhiteSpace(said) && onEmpty == OnEmpty.Refuse)
        {
            var what = answer < 0 ? $"\"{field}\" has no message of the assistant" : string.Create(CultureInfo.InvariantCulture, $"{field}[{answer}], the assistant's last, is empty");
            throw ExampleRow.Bad($"{what}, so there is nothing to learn. Drop the row, or set data.on_empty: skip.");
        }
        return new Example(_row.Line, "", said)
        {
            Conversation = Conversation.Of(messages, List("tools"), List("documents"), More()),
        };
    }

    /// <summary>What a message says, for people; calls of tools count as said.</summary>
    public static string Said(DictValue message) => message.Item("content") switch
    {
        TextValue text when !string.IsNullOrWhiteSpace(text.Text) => text.Text,
        SequenceValue { Items.Count: > 0 } parts => string.Concat(parts.Items.OfType<DictValue>().Select(part => part.Item("text") is TextValue text ? text.Text : "…")),
        _ when message.Item("tool_calls") is SequenceValue { Items.Count: > 0 } => "tool_calls",
        _ => "",
    };

    /// <summary>A list beside the messages, as it is or as a text of JSON (as data sets of Hugging Face's often have it).</summary>
    private Value List(string field)
    {
        if (!_row.TryFind(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return NoneValue.None;
        if (value.ValueKind != JsonValueKind.String)
            return Listed(field, value);
        try
        {
            using var document = JsonDocument.Parse(value.GetString()!);
            return Listed(field, document.RootElement);
        }
        catch (JsonException broken)
        {
            throw new RowRefused($"\"{field}\" is a text that is not JSON. Write it as a list.", broken);
        }
    }

    private static Value Listed(string field, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? Value($"\"{field}\"", value)
        : throw ExampleRow.Bad($"\"{field}\" is {ExampleRow.Kind(value)}, not a list. Fix the row.");

    private Dictionary<string, Value> More()
    {
        const string Field = "chat_template_kwargs";
        if (!_row.TryFind(Field, out var value) || value.ValueKind == JsonValueKind.Null)
            return [];
        if (value.ValueKind != JsonValueKind.Object)
            throw ExampleRow.Bad($"\"{Field}\" is {ExampleRow.Kind(value)}, not an object. Fix the row.");
        return ((DictValue)Value($"\"{Field}\"", value)).Pairs.ToDictionary(pair => ((TextValue)pair.Key).Text, pair => pair.Value, StringComparer.Ordinal);
    }

    private static Value Value(string place, JsonElement json)
    {
        try
        {
            return ChatValues.Of(json);
        }
        catch (TemplateFailure failure)
        {
            throw new RowRefused($"{place}: {failure.Message}. Fix the row.", failure);
        }
    }
}
