using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat;

/// <summary>
/// transformers' continue_final_message: a mark is put behind the last content, and the text is cut where the mark has come out. Where a
/// blank follows the mark, the template kept the content's end and so does this; else the end was trimmed, and is trimmed here.
/// </summary>
internal static class ContinuedMessage
{
    private const string Mark = "CONTINUE_FINAL_MESSAGE_TAG";

    /// <exception cref="TemplateFailure">There is no last content, or the template does not show it.</exception>
    public static string Render(Conversation conversation, Func<Conversation, string> render)
    {
        if (conversation.Messages.Count == 0 || conversation.Messages[^1] is not DictValue last)
            throw new TemplateFailure("there is no last message to continue");
        var (marked, content) = Marked(last.Item("content"));
        var message = new DictValue([.. last.Pairs, KeyValuePair.Create((Value)"content", marked)]);
        var text = render(conversation.With([.. conversation.Messages.SkipLast(1), message]));
        var at = text.LastIndexOf(Mark, StringComparison.Ordinal);
        if (at < 0 || !text.Contains(content.Trim(PythonText.Spaces.ToCharArray()), StringComparison.Ordinal))
            throw new TemplateFailure("the last message is to be continued, but its content is not in the text that the template makes");
        var kept = at + Mark.Length < text.Length && text[at + Mark.Length] == ' ';
        return kept ? text[..at] : text[..at].TrimEnd(PythonText.Spaces.ToCharArray());
    }

    private static (Value Marked, string Content) Marked(Value? content)
    {
        if (content is TextValue text)
            return (text.Text + Mark + " ", text.Text);
        if (content is not SequenceValue { Items: var parts })
            throw new TemplateFailure("the last message has no text to continue");
        for (var index = parts.Count - 1; index >= 0; index--)
        {
            if (parts[index] is DictValue part && part.Item("text") is TextValue last)
            {
                var changed = new DictValue([.. part.Pairs, KeyValuePair.Create((Value)"text", (Value)(last.Text + Mark + " "))]);
                return (new ListValue([.. parts.Take(index), changed, .. parts.Skip(index + 1)]), last.Text);
            }
        }
        throw new TemplateFailure("the last message has no text to continue");
    }
}
