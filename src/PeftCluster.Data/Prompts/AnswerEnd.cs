using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Prompts;

/// <summary>
/// The token that a row's answer ends in: its last special one, where only blanks follow. Chat templates end a turn in their own way
/// (<c>&lt;|im_end|&gt;</c> and a line feed), which need not be the model's token of end; what a model says behind it is no part of its answer.
/// </summary>
public static class AnswerEnd
{
    /// <returns>Null where the answer ends in text: it was cut.</returns>
    public static int? Of(ReadOnlySpan<int> answer, TextTokenizer tokenizer)
    {
        for (; answer is [.., var last]; answer = answer[..^1])
        {
            if (!tokenizer.Shows(last, skipSpecialTokens: true))
                return last;
            if (!string.IsNullOrWhiteSpace(tokenizer.Decode([last], skipSpecialTokens: true)))
                return null;
        }
        return null;
    }
}
