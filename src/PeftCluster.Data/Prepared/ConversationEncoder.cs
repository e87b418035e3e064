using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// A conversation as tokens: the text that the chat template makes, and nothing around it, as apply_chat_template(tokenize=True) of transformers has it
/// (the template writes the token of begin itself). Labels are on what the assistant says. The last span begins where the last answer does, also
/// where everything is learnt, since that is where an evaluation goes on from.
/// </summary>
internal sealed class ConversationEncoder(RowPlaces places, DataSpec data, TextTokenizer tokenizer, ChatTemplate template) : ExampleEncoder(places)
{
    public override IEnumerable<EncodedRow> Encode(Example example)
    {
        var chat = Rendered(example);
        var tokens = tokenizer.EncodeWithOffsets(chat.Text);
        var spans = AnswerTokens.Of(chat.Learnt, tokens.Covers);
        if (data.LossOn == LossOn.Everything && tokens.Ids.Count > 0)
            spans = Everything(spans, tokens.Ids.Count);

        var (most, tooLong) = (data.MaxLength, tokens.Ids.Count > data.MaxLength);
        if (tooLong && data.OnTooLong == OnTooLong.Refuse)
            throw Bad(example, $"the row has {tokens.Ids.Count:N0} tokens, more than data.max_length {most:N0}. Shorten it, raise data.max_length, or set data.on_too_long: truncate.");
        if (tooLong && data.OnTooLong == OnTooLong.Skip)
        {
            LeaveOut($"the row has {tokens.Ids.Count:N0} tokens.");
            yield break;
        }
        LabelSpan[] kept = [.. spans.Where(span => span.Start < most).Select(span => span with { End = Math.Min(span.End, most) })];
        if (LabelSpan.Labels(kept) == 0)
        {
            if (data.OnEmpty == OnEmpty.Refuse)
                throw NothingToLearn(example, spans);
            LeaveOutEmpty("every label is masked.");
            yield break;
        }
        if (tooLong)
            Truncated++;
        yield return new EncodedRow([.. tokens.Ids.Take(most)], kept);
    }

    private ChatExample Rendered(Example example)
    {
        var conversation = example.Conversation!;
        if (data.LossOn == LossOn.LastTurn && conversation.RoleOf(conversation.Messages.Count - 1) is var role and not "assistant")
            throw new RowRefused($"the last message is not the assistant's ({OneLine.Piece(role ?? "no role")}), and data.loss_on: last_turn learns from that. Drop the message, or set data.loss_on: assistant_turns.");
        try
        {
            return data.LossOn == LossOn.Everything ? WithLastAnswer(conversation) : LossSpans.Of(template, conversation, data.LossOn, JobTemplate.Now);
        }
        catch (BadInputException refused)
        {
            throw new RowRefused(refused.Message, refused);
        }
    }

    /// <summary>The whole text is learnt; where the last answer begins is a help for evaluations, so a template that hides it is no fault.</summary>
    private ChatExample WithLastAnswer(Conversation conversation)
    {
        try
        {
            return LossSpans.Of(template, conversation, LossOn.LastTurn, JobTemplate.Now);
        }
        catch (BadInputException)
        {
            var whole = LossSpans.Of(template, conversation, LossOn.Everything, JobTemplate.Now);
            return whole with { Learnt = [] };
        }
    }

    private static List<LabelSpan> Everything(List<LabelSpan> last, int count) =>
        last is [{ Start: > 0 and var start }] ? [new LabelSpan(0, start), new LabelSpan(start, count)] : [new LabelSpan(0, count)];

    private BadInputException NothingToLearn(Example example, List<LabelSpan> spans) => spans is [{ Start: var start }, ..] && start >= data.MaxLength
        ? Bad(example, $"every label is masked: the first answer starts at token {start:N0}, and data.max_length is {data.MaxLength:N0}. Shorten what stands before it, raise data.max_length, or set data.on_empty: skip.")
        : Bad(example, $"every label is masked: of what the assistant says the tokenizer leaves nothing that something stands before. Drop the row, or set data.on_empty: skip.");
}
