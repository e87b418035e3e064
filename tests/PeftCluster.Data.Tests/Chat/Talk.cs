using System.Text.Json;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>Conversations for tests, written short: roles and contents in turn.</summary>
internal static class Talk
{
    public static readonly DateTime Now = new(2024, 7, 6, 9, 5, 3);

    public static Conversation Of(params (string Role, string Content)[] messages) =>
        Conversation.Of(JsonSerializer.SerializeToElement(messages.Select(message => new { role = message.Role, content = message.Content })));

    public static string Cut(string text, TextSpan span) => text[span.Start..span.End];
}
