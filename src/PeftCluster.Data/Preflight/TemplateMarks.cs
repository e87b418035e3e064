using System.Text.Json;
using System.Text.RegularExpressions;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Preflight;

/// <summary>
/// The special tokens that a chat template writes around messages, as text: <c>&lt;|im_start|&gt;</c>, <c>&lt;start_of_turn&gt;</c> and their like. Found by rendering
/// a conversation of one question; a template that refuses it has none that we know of.
/// </summary>
/// <param name="All">All that it wrote.</param>
/// <param name="EndOfTurn">The one behind the assistant's answer, or null.</param>
internal sealed partial record TemplateMarks(IReadOnlySet<string> All, string? EndOfTurn)
{
    private const string Question = "peftclusterquestion", Answer = "peftclusteranswer";

    private static readonly TemplateMarks _none = new(new HashSet<string>(), null);

    /// <summary>When the template asks for the date; it changes no mark.</summary>
    private static readonly DateTime _anyDay = new(2024, 7, 26);

    public static TemplateMarks Of(ChatTemplate? template)
    {
        if (template is null)
            return _none;
        try
        {
            var talk = JsonSerializer.SerializeToElement(new[] { new { role = "user", content = Question }, new { role = "assistant", content = Answer } });
            var text = template.Render(Conversation.Of(talk), _anyDay).Text;
            var behind = text.LastIndexOf(Answer, StringComparison.Ordinal);
            return new TemplateMarks(In(text), behind < 0 ? null : Mark().Matches(text[behind..]).FirstOrDefault()?.Value);
        }
        catch (BadInputException)
        {
            return _none;
        }
    }

    /// <summary>What looks like a special token in a text.</summary>
    public static HashSet<string> In(string text) => [.. Mark().Matches(text).Select(mark => mark.Value)];

    /// <summary>Whether a text is no single token. Its pieces were never seen together where the model was made with it as one.</summary>
    public static bool IsSplit(string mark, TextTokenizer tokenizer) =>
        !Array.Exists(tokenizer.Encode(mark, addSpecialTokens: false), id => tokenizer.NameOf(id) == mark);

    // <|im_start|>, <|eot_id|>, DeepSeek's <｜User｜>, Gemma's two. Llama 2's [INST] is text to its own tokenizer.
    [GeneratedRegex(@"<\|[A-Za-z0-9_./-]{1,40}\|>|<｜[^｜<>\s]{1,40}｜>|<(?:start|end)_of_turn>")]
    private static partial Regex Mark();
}
