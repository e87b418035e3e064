using System.Globalization;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Chat;

/// <summary>A conversation as text, and the stretches of it that a model learns.</summary>
public sealed record ChatExample(string Text, IReadOnlyList<TextSpan> Learnt);

/// <summary>
/// Finds what the assistant says in a text: by the template's generation blocks, or without any, by rendering the conversation up to each
/// of its turns. That needs texts that nest: what stands before a turn must stand there whatever follows. Where they do not, the
/// conversation is refused, since a guess would teach the model what nobody said.
/// </summary>
public static class LossSpans
{
    /// <exception cref="BadInputException">The template refuses the conversation, the assistant says nothing in it, or its turns cannot be found.</exception>
    public static ChatExample Of(ChatTemplate template, Conversation conversation, LossOn lossOn, DateTime now)
    {
        var whole = template.Render(conversation, now);
        if (lossOn == LossOn.Everything)
            return new ChatExample(whole.Text, [new TextSpan(0, whole.Text.Length)]);
        var turns = whole.HasMarkers ? Marked(template, whole) : ByPrefixes(template, conversation, lossOn, whole.Text, now);
        var said = Weighted(template, conversation, lossOn == LossOn.LastTurn ? [.. turns.Where(IsLong).TakeLast(1)] : turns).Where(IsLong).ToList();
        return said.Count > 0 ? new ChatExample(whole.Text, said)
            : throw Bad(template, null, "the assistant says nothing in this conversation that is learnt. Give it a turn, or drop the row");
    }

    private static bool IsLong(TextSpan span) => span.End > span.Start;

    /// <summary>Without the turns whose message says <c>"weight": 0</c>, as OpenAI's rows do.</summary>
    private static IEnumerable<TextSpan> Weighted(ChatTemplate template, Conversation conversation, IReadOnlyList<TextSpan> turns)
    {
        int[] messages = [.. Enumerable.Range(0, conversation.Messages.Count).Where(message => conversation.RoleOf(message) == "assistant")];
        if (messages.All(conversation.IsLearnt))
            return turns;
        // The last turn alone is that of the last message; else each message has a turn of its own.
        if (turns.Count != 1 && turns.Count != messages.Length)
            throw Bad(template, null, string.Create(CultureInfo.InvariantCulture,
                $"the assistant has {messages.Length} messages and the template marks {turns.Count} turns, so it is not known which one has the weight 0. Mark each message by itself, or drop the row"));
        return turns.Where((_, turn) => conversation.IsLearnt(messages[messages.Length - turns.Count + turn]));
    }

    private static IReadOnlyList<TextSpan> Marked(ChatTemplate template, RenderedChat whole) => whole.Misplaced == 0 ? whole.Marked
        : throw Bad(template, whole.Misplaced, "this generation block is inside a macro, set, call or filter block, and its place in the text is not known. Move it out, or learn from everything");

    private static List<TextSpan> ByPrefixes(ChatTemplate template, Conversation conversation, LossOn lossOn, string whole, DateTime now)
    {
        var spans = new List<TextSpan>();
        var turns = Enumerable.Range(0, conversation.Messages.Count).Where(turn => conversation.RoleOf(turn) == "assistant");
        // Where only the last is learnt, templates may write the others as they like: thoughts that are dropped from earlier turns hide nothing of it.
        foreach (var turn in lossOn == LossOn.LastTurn ? turns.TakeLast(1) : turns)
        {
            var before = Rendered(template, conversation.First(turn), lossOn, now, addGenerationPrompt: true, turn);
            var after = turn + 1 == conversation.Messages.Count ? whole : Rendered(template, conversation.First(turn + 1), lossOn, now, addGenerationPrompt: false, turn);
            if (!after.StartsWith(before, StringComparison.Ordinal) || !whole.StartsWith(after, StringComparison.Ordinal))
                throw Bad(template, null, string.Create(CultureInfo.InvariantCulture,
                    $"the template writes the start of the conversation otherwise when message {turn + 1} or more follow, so the assistant's words cannot be told from the rest. {Remedy(lossOn)}"));
            spans.Add(new TextSpan(before.Length, after.Length));
        }
        return spans;
    }

    private static string Rendered(ChatTemplate template, Conversation start, LossOn lossOn, DateTime now, bool addGenerationPrompt, int turn)
    {
        try
        {
            return template.Rendered(start, now, addGenerationPrompt).Text;
        }
        catch (TemplateFailure failure)
        {
            throw template.Refusal(new TemplateFailure(string.Create(CultureInfo.InvariantCulture, $"the conversation without what follows message {turn} cannot be rendered ({failure.Message}), so the assistant's words cannot be told from the rest"), failure.Line),
                Remedy(lossOn));
        }
    }

    private static string Remedy(LossOn lossOn) => lossOn == LossOn.LastTurn
        ? "Mark them with {% generation %} … {% endgeneration %}, or learn from everything (data.loss_on)"
        : "Mark them with {% generation %} … {% endgeneration %}, or learn from the last turn or from everything (data.loss_on)";

    private static BadInputException Bad(ChatTemplate template, int? line, string what) =>
        template.Refusal(new TemplateFailure(what[..what.IndexOf(". ", StringComparison.Ordinal)], line), what[(what.IndexOf(". ", StringComparison.Ordinal) + 2)..]);
}
