using PeftCluster.Data.Chat;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>What a model learns of a conversation: by markers, by prefixes, and where neither finds it.</summary>
public sealed class LossSpansTests
{
    private const string Marked = "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}</s>{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}";

    private const string Plain = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    private static readonly Conversation TwoTurns = Talk.Of(("system", "be brief"), ("user", "1+1?"), ("assistant", "2 🙂"), ("user", "2+2?"), ("assistant", "4"));

    [Theory]
    [InlineData(Marked, LossOn.AssistantTurns, "2 🙂</s>|4</s>")]
    [InlineData(Marked, LossOn.LastTurn, "4</s>")]
    [InlineData(Plain, LossOn.AssistantTurns, "2 🙂</s>|4</s>")]
    [InlineData(Plain, LossOn.LastTurn, "4</s>")]
    public void What_the_assistant_says_is_learnt(string template, LossOn lossOn, string expected)
    {
        var example = LossSpans.Of(Template(template), TwoTurns, lossOn, Talk.Now);

        Assert.Equal(expected, string.Join('|', example.Learnt.Select(span => Talk.Cut(example.Text, span))));
    }

    [Theory]
    [InlineData(Marked, LossOn.AssistantTurns, 0, 1, "4</s>")]
    [InlineData(Plain, LossOn.AssistantTurns, 0, 1, "4</s>")]
    [InlineData(Marked, LossOn.AssistantTurns, 1, 0, "2</s>")]
    [InlineData(Plain, LossOn.AssistantTurns, 1, 0, "2</s>")]
    [InlineData(Marked, LossOn.LastTurn, 0, 1, "4</s>")]
    [InlineData(Plain, LossOn.LastTurn, 0, 1, "4</s>")]
    public void A_message_of_weight_0_is_not_learnt(string template, LossOn lossOn, int first, int second, string expected)
    {
        var example = LossSpans.Of(Template(template), Weighted(first, second), lossOn, Talk.Now);

        Assert.Equal(expected, string.Join('|', example.Learnt.Select(span => Talk.Cut(example.Text, span))));
    }

    [Theory]
    [InlineData(Marked, LossOn.AssistantTurns, 0, 0)]
    [InlineData(Plain, LossOn.LastTurn, 1, 0)]
    [InlineData(Marked, LossOn.LastTurn, 1, 0)]
    public void A_conversation_of_which_nothing_is_learnt_is_refused(string template, LossOn lossOn, int first, int second) => Assert.EndsWith(
        "the assistant says nothing in this conversation that is learnt. Give it a turn, or drop the row.",
        Assert.Throws<BadInputException>(() => LossSpans.Of(Template(template), Weighted(first, second), lossOn, Talk.Now)).Message, StringComparison.Ordinal);

    [Fact]
    public void Weights_and_turns_that_cannot_be_told_together_are_refused() => Assert.EndsWith(
        "the assistant has 2 messages and the template marks 0 turns, so it is not known which one has the weight 0. Mark each message by itself, or drop the row.",
        Assert.Throws<BadInputException>(() => LossSpans.Of(Template("{% if false %}{% generation %}{% endgeneration %}{% endif %}" + Plain), Weighted(0, 1), LossOn.AssistantTurns, Talk.Now)).Message, StringComparison.Ordinal);

    private static Conversation Weighted(int first, int second) => Conversation.Of(System.Text.Json.JsonDocument.Parse(
        $$"""[{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2", "weight": {{first}}}, {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4", "weight": {{second}}}]""").RootElement);

    [Fact]
    public void Everything_is_the_whole_text()
    {
        var example = LossSpans.Of(Template(Plain), TwoTurns, LossOn.Everything, Talk.Now);

        Assert.Equal([new TextSpan(0, example.Text.Length)], example.Learnt);
        Assert.StartsWith("<system>be brief</s><user>", example.Text, StringComparison.Ordinal);
    }

    [Theory]
    // The end differs: an end of text that only a finished conversation has.
    [InlineData(Plain + "{% if not add_generation_prompt %}<end>{% endif %}")]
    // The start differs: the number of messages stands in front.
    [InlineData("{{ messages | length }}" + Plain)]
    public void Texts_that_do_not_nest_are_refused(string template)
    {
        var refused = Assert.Throws<BadInputException>(() => LossSpans.Of(Template(template), TwoTurns, LossOn.AssistantTurns, Talk.Now));

        Assert.StartsWith("t.jinja: the template writes the start of the conversation otherwise when message ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Mark them with {% generation %} … {% endgeneration %}, or learn from the last turn or from everything (data.loss_on).", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Plain + "{% if not add_generation_prompt %}<end>{% endif %}", "4</s><end>")]
    // What was said before the last turn is written otherwise once it is not the last: thoughts are dropped so.
    [InlineData("{% for m in messages %}<{{ m.role }}>{% if loop.last or m.role == 'user' %}{{ m.content }}{% endif %}</s>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}", "4</s>")]
    public void The_last_turn_alone_needs_only_what_stands_before_it(string template, string expected)
    {
        var example = LossSpans.Of(Template(template), TwoTurns, LossOn.LastTurn, Talk.Now);

        Assert.Equal(expected, Talk.Cut(example.Text, Assert.Single(example.Learnt)));
    }

    [Fact]
    public void A_marker_in_a_macro_is_refused_by_its_line()
    {
        var template = Template("{% macro say(m) %}\n{% generation %}{{ m.content }}{% endgeneration %}{% endmacro %}{% for m in messages %}{{ say(m) }}{% endfor %}");

        var refused = Assert.Throws<BadInputException>(() => LossSpans.Of(template, TwoTurns, LossOn.AssistantTurns, Talk.Now));

        Assert.Equal("t.jinja:2: this generation block is inside a macro, set, call or filter block, and its place in the text is not known. Move it out, or learn from everything.", refused.Message);
    }

    [Fact]
    public void A_conversation_without_the_assistant_is_refused()
    {
        var refused = Assert.Throws<BadInputException>(() => LossSpans.Of(Template(Plain), Talk.Of(("user", "hm")), LossOn.AssistantTurns, Talk.Now));

        Assert.Equal("t.jinja: the assistant says nothing in this conversation that is learnt. Give it a turn, or drop the row.", refused.Message);
    }

    [Fact]
    public void A_start_that_the_template_refuses_is_a_refusal_that_names_the_message()
    {
        var template = Template("{% if messages | length < 3 %}{{ raise_exception('too short') }}{% endif %}" + Plain);

        var refused = Assert.Throws<BadInputException>(() => LossSpans.Of(template, TwoTurns, LossOn.AssistantTurns, Talk.Now));

        Assert.StartsWith("t.jinja:1: the conversation without what follows message 2 cannot be rendered (too short)", refused.Message, StringComparison.Ordinal);
    }

    private static ChatTemplate Template(string text) => ChatTemplate.Parse("t.jinja", text, new Dictionary<string, string>());
}
