using System.Globalization;
using System.Text.Json;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>A case of golden/chat: a template, what it is given, and what transformers made of it. The folder's README has the format.</summary>
internal sealed record ChatCase(string Where, string Template, JsonElement Case, IReadOnlyDictionary<string, string> Tokens, DateTime Now)
{
    public string? Expected => Case.TryGetProperty("expected", out var text) ? text.GetString() : null;

    /// <summary>What raise_exception said; null for the errors whose wording is Python's.</summary>
    public string? Raised => Case.TryGetProperty("error_type", out var type) && type.GetString() == "TemplateError" ? Case.GetProperty("error").GetString() : null;

    /// <summary>transformers counts these from the wrong place; the README says not to hold them.</summary>
    public bool HasWrongRanges => Where.Contains("generation-quirks", StringComparison.Ordinal);

    public bool Continues => Case.TryGetProperty("continue_final_message", out var continues) && continues.GetBoolean();

    public Conversation Conversation => Conversation.Of(Case.GetProperty("messages"), Get("tools"), Get("documents"), Get("kwargs"));

    public static IEnumerable<ChatCase> All()
    {
        var folder = GoldenFolder.Of("chat");
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories) : [];
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var root = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
            var tokens = root.TryGetProperty("tokens", out var named) ? named.EnumerateObject().ToDictionary(token => token.Name, token => token.Value.GetString()!) : [];
            var now = root.TryGetProperty("now", out var time) ? DateTime.Parse(time.GetString()!, CultureInfo.InvariantCulture) : default;
            foreach (var one in root.GetProperty("cases").EnumerateArray())
            {
                var template = (one.TryGetProperty("template", out var own) ? own : root.GetProperty("template")).GetString()!;
                yield return new ChatCase($"{Path.GetRelativePath(folder, file)}: {one.GetProperty("name")}", template, one, tokens, now);
            }
        }
    }

    /// <exception cref="TemplateFailure">As the template fails.</exception>
    public RenderedChat Render()
    {
        // The tests see the failure itself, users see ChatTemplate's line.
        JinjaTemplate.Parse(Template);
        var template = ChatTemplate.Parse(Where, Template, Tokens);
        var prompt = Get("add_generation_prompt").ValueKind == JsonValueKind.True;
        return Continues
            ? new RenderedChat(ContinuedMessage.Render(Conversation, open => template.Rendered(open, Now, false).Text), [], false)
            : template.Rendered(Conversation, Now, prompt);
    }

    private JsonElement Get(string name) => Case.TryGetProperty(name, out var value) ? value : default;
}
