using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Chat.Jinja.Values;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Chat;

/// <summary>
/// A chat template: how a conversation becomes the text that a model was trained on, exact to transformers' apply_chat_template. Immutable;
/// threads may share one.
/// </summary>
public sealed class ChatTemplate
{
    private readonly JinjaTemplate _template;
    private readonly IReadOnlyDictionary<string, Value> _tokens;

    internal ChatTemplate(string source, string text, IReadOnlyDictionary<string, string> tokens)
    {
        (Source, Text) = (source, text);
        _tokens = tokens.ToDictionary(token => token.Key, token => (Value)token.Value, StringComparer.Ordinal);
        try
        {
            _template = JinjaTemplate.Parse(text);
        }
        catch (TemplateFailure failure)
        {
            throw Refusal(failure, "Fix the template, or choose one by name");
        }
    }

    /// <summary>Where it came from: a file, or a name.</summary>
    public string Source { get; }

    /// <summary>The template itself.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of the template and its tokens, 64 hex digits. Equal hashes, equal texts.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Concat(_tokens.OrderBy(token => token.Key, StringComparer.Ordinal).Select(token => $"{token.Key}={((TextValue)token.Value).Text}\n")) + Text)));

    /// <summary>Whether the template marks what the assistant says.</summary>
    public bool HasMarkers => _template.Marks;

    /// <summary>Reads a template that stands in no model folder.</summary>
    /// <param name="source">The file or place, for messages.</param>
    /// <param name="tokens">bos_token, eos_token and their like.</param>
    /// <exception cref="BadInputException">The text is no template: source, line, what is wrong.</exception>
    public static ChatTemplate Parse(string source, string text, IReadOnlyDictionary<string, string> tokens) => new(source, text, tokens);

    /// <summary>The conversation as text.</summary>
    /// <param name="now">The local time that strftime_now gives.</param>
    /// <param name="addGenerationPrompt">End with what opens the assistant's answer.</param>
    /// <exception cref="BadInputException">The template refuses the conversation, or uses it as it cannot be used.</exception>
    public RenderedChat Render(Conversation conversation, DateTime now, bool addGenerationPrompt = false)
    {
        try
        {
            return Rendered(conversation, now, addGenerationPrompt);
        }
        catch (TemplateFailure failure)
        {
            throw Refusal(failure, "Fix the conversation, or choose another template");
        }
    }

    /// <summary>The conversation as text that ends in the last message's content, for a model to go on from.</summary>
    /// <exception cref="BadInputException">As for Render, or the template does not show that content.</exception>
    public string RenderToContinue(Conversation conversation, DateTime now)
    {
        try
        {
            return ContinuedMessage.Render(conversation, open => Rendered(open, now, addGenerationPrompt: false).Text);
        }
        catch (TemplateFailure failure)
        {
            throw Refusal(failure, "Fix the conversation, or choose another template");
        }
    }

    internal RenderedChat Rendered(Conversation conversation, DateTime now, bool addGenerationPrompt)
    {
        var variables = new Dictionary<string, Value>(_tokens, StringComparer.Ordinal)
        {
            ["messages"] = new ListValue(conversation.Messages),
            ["tools"] = conversation.Tools,
            ["documents"] = conversation.Documents,
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        foreach (var (name, value) in conversation.More)
            variables[name] = value;
        var (text, marked) = _template.Render(variables, now);
        return new RenderedChat(text, [.. marked.Select(span => new TextSpan(span.Start, span.End))], HasMarkers)
        {
            Misplaced = marked.FirstOrDefault(span => span.Captured).Line,
        };
    }

    internal BadInputException Refusal(TemplateFailure failure, string remedy)
    {
        var what = failure.Raised ? $"the template refuses the conversation: {failure.Message}" : failure.Message;
        var line = failure.Line is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        return new BadInputException($"{Source}{line}: {OneLine.Of(what.TrimEnd('.'))}. {remedy}.", failure);
    }
}
