using PeftCluster.Data.Chat;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>
/// Damaged templates: pieces of the golden ones cut out, doubled, moved, replaced. Each ends in a text or in one line; the budget bounds
/// time and memory. The cases follow from their number, so a failure names one that can be run again.
/// </summary>
public sealed class ChatFuzzTests
{
    private const int Cases = 3000;

    private static readonly string[] Bits = ["{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "'", "\"", "\\", "(", ")", "[", "]", "|", ".", ",", "~", "*", "**", "%", " in ", " is ", " not ", " if ", " else ", "loop", "ns.", "range(99999)", "10 ** 9", "[::-1]",
        "{% for x in messages %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% generation %}", "{% endgeneration %}", "{% macro f(x) %}", "{{ f(f) }}", "{% endmacro %}", "{% set messages = messages * 99 %}", "|tojson(indent=9999)", "|join('{}')", ".center(99999)", "é", "🙂", "\u2028", "\0", "\r\n"];

    private static readonly DamagedText _damaged = new(Bits, longest: 12, times: 5);

    [Fact]
    public void A_damaged_template_ends_in_a_text_or_in_one_line()
    {
        var originals = ChatCase.All().GroupBy(one => one.Template).Select(group => group.Last()).Where(one => one.Template.Length > 20).ToList();
        for (var number = 0; number < Cases; number++)
        {
            var random = new Random(number);
            var one = originals[random.Next(originals.Count)];
            var template = _damaged.Of(one.Template, random);
            try
            {
                ChatTemplate.Parse("t.jinja", template, one.Tokens).Render(one.Conversation, one.Now);
            }
            catch (BadInputException refused)
            {
                Assert.StartsWith("t.jinja", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refused.Message);
            }
            catch (Exception crash)
            {
                Assert.Fail($"case {number}: {crash}\n{template}");
            }
        }
        Assert.True(originals.Count > 50, $"{originals.Count} templates");
    }

    [Fact]
    public void Random_bits_end_in_a_text_or_in_a_failure()
    {
        for (var number = 0; number < Cases; number++)
        {
            var random = new Random(number);
            var template = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Bits[random.Next(Bits.Length)]));
            try
            {
                JinjaTemplate.Parse(template).Render(new Dictionary<string, PeftCluster.Data.Chat.Jinja.Values.Value>(), default);
            }
            catch (TemplateFailure failure)
            {
                Assert.NotNull(failure.Line);
            }
        }
    }
}
