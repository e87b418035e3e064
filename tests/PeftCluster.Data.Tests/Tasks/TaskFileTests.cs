using CsCheck;
using Fluid.Values;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tasks;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Tasks;

/// <summary>A task's file: what it may say, and the one line for everything else.</summary>
public sealed class TaskFileTests
{
    private const string Sound = """
        name: own
        description: Say it.
        answer: label
        answers: [no, yes]
        templates:
          - name: first
            prompt: "{{ a }} is {{ b }}"
            choices: ["No", "Yes"]
          - name: second one
            prompt: |-
              {{ b }}
              {{ a }}
            choices_field: ends
        """;

    [Fact]
    public void A_sound_file_is_what_it_says()
    {
        var task = TaskFile.Parse(Sound, "t.yaml", "t");

        Assert.Equal(("own", null, "Say it.", "label"), (task.Name, task.About, task.Description, task.Answer));
        Assert.Equal(["no", "yes"], task.Answers);
        Assert.Equal(["a", "b", "ends", "label"], task.Fields);
        Assert.Equal(["first", "second one"], task.Templates.Select(template => template.Name));
        Assert.Equal("{{ b }}\n{{ a }}", task.Templates[1].Prompt);
        Assert.Equal("template second one (t.yaml:9)", task.Templates[1].Named);
        Assert.Equal("ends", task.Templates[1].ChoicesField);
    }

    [Fact]
    public void A_file_without_a_name_has_that_of_its_path() => Assert.Equal("t", TaskFile.Parse(Sound["name: own\n".Length..], "t.yaml", "t").Name);

    [Fact]
    public void What_a_template_makes_itself_is_no_field()
    {
        var task = TaskFile.Parse(Sound.Replace("{{ a }} is {{ b }}", "{% assign c = a | strip %}{% for x in b %}{{ x }}{{ c }}{{ forloop.index }}{% endfor %}", StringComparison.Ordinal), "t.yaml", "t");

        Assert.Equal(["a", "b"], task.Templates[0].Fields);
    }

    [Theory]
    // No task.
    [InlineData("", "t.yaml: no task. A task has answer, the field of the right answer, and templates (docs/tasks.md).")]
    [InlineData("- a", "t.yaml: no task. A task has answer, the field of the right answer, and templates (docs/tasks.md).")]
    [InlineData("answer: a\n---\nanswer: b", "t.yaml:2:1: a second document starts here. A task is one document: remove the line ---.")]
    [InlineData("answer: &x a", "t.yaml:1:9: &x is an anchor, and a task has none. Write the value out.")]
    [InlineData("model: base\ndata: {}", "t.yaml:1:1: model: unknown key. Known here: name, about, description, answer, answers, templates.")]
    [InlineData("answer: label", "t.yaml:1:1: templates: expected a list of templates, each with name, prompt and choices (docs/tasks.md).")]
    [InlineData("answer: label\ntemplates: []", "t.yaml:2:12: templates: expected a list of templates, each with name, prompt and choices (docs/tasks.md).")]
    [InlineData("answer: label\ntemplates: [a]", "t.yaml:2:13: templates[0]: expected a section with name, prompt, choices, choices_field, found a.")]
    public void What_is_no_task_is_refused(string text, string line) => Assert.Equal(line, Refusal(text));

    [Theory]
    [InlineData("answer: label\n", "", "t.yaml:1:1: answer: missing. Every task needs it (docs/tasks.md).")]
    [InlineData("answer: label", "answer: [a]", "t.yaml:3:9: answer: expected a text, found a list.")]
    [InlineData("answers: [no, yes]", "answers: [no]", "t.yaml:4:10: answers: 1 items; 2 to 256 are allowed.")]
    [InlineData("answers: [no, yes]", "answers: [no, no]", "t.yaml:4:15: answers: \"no\" stands twice. Remove one.")]
    [InlineData("answers: [no, yes]", "answers: no", "t.yaml:4:10: answers: expected a list of texts, found no.")]
    [InlineData("answers: [no, yes]", "answers: [no, yes, maybe]", "t.yaml:6:5: templates[0].choices: 2 choices, but answers has 3. Give each answer its choice.")]
    [InlineData("answers:", "anwsers:", "t.yaml:4:1: anwsers: unknown key. Did you mean answers?")]
    [InlineData("name: first", "name: \"a,b\"", "t.yaml:6:11: templates[0].name: the name of a template has up to 100 letters, digits, spaces, points, hyphens and underscores, and begins with a letter or digit.")]
    [InlineData("name: second one", "name: first", "t.yaml:9:11: templates[1].name: another template is named first. Name each differently.")]
    [InlineData("    prompt: \"{{ a }} is {{ b }}\"\n", "", "t.yaml:6:5: templates[0].prompt: missing. Every task needs it (docs/tasks.md).")]
    [InlineData("    choices: [\"No\", \"Yes\"]\n", "", "t.yaml:6:5: templates[0].choices: a template has either choices, a list of texts, or choices_field, a field that holds such a list; this one has neither.")]
    [InlineData("choices_field: ends", "choices_field: ends\n    choices: [a, b]", "t.yaml:9:5: templates[1].choices: a template has either choices, a list of texts, or choices_field, a field that holds such a list; this one has both.")]
    [InlineData("[\"No\", \"Yes\"]", "[\"No\"]", "t.yaml:8:14: templates[0].choices: 1 items; 2 to 256 are allowed.")]
    [InlineData("[\"No\", \"Yes\"]", "[\"No\", \"\"]", "t.yaml:8:21: templates[0].choices[1]: expected a text, found an empty one.")]
    [InlineData("[\"No\", \"Yes\"]", "[\"No\", \"No \"]", "t.yaml:8:21: templates[0].choices: \"No \" stands twice. Remove one.")]
    [InlineData("prompt: \"", "promt: \"", "t.yaml:7:5: templates[0].promt: unknown key. Did you mean prompt?")]
    public void What_a_task_may_not_say_is_refused_with_its_place(string piece, string other, string line) => Assert.Equal(line, RefusalWith(piece, other));

    [Theory]
    [InlineData("{{ a", "not valid Liquid in line 1, column 5 of the text: End of tag '}}' was expected. Tags are assign, break, case, comment, continue, echo, for, if, raw, unless.")]
    [InlineData("\\n{% if a %}x", "not valid Liquid in line 2, column 12 of the text: '{% endif %}' was expected. Tags are assign, break, case, comment, continue, echo, for, if, raw, unless.")]
    [InlineData("\\n {% include 'x' %}", "not valid Liquid in line 2, column 12 of the text: Unknown tag 'include'. Tags are assign, break, case, comment, continue, echo, for, if, raw, unless.")]
    [InlineData("{% for x in (1..3 %}", "not valid Liquid in line 1, column 7 of the text: Invalid 'for' tag. Tags are assign, break, case, comment, continue, echo, for, if, raw, unless.")]
    [InlineData("{% for x in (1..1001) %}{% endfor %}", "a range has two whole numbers written out, as in (1..3), and at most 1000 of them.")]
    [InlineData("{% assign x = (1..a) %}", "a range has two whole numbers written out, as in (1..3), and at most 1000 of them.")]
    public void What_is_no_liquid_is_refused_with_line_and_column(string prompt, string line) =>
        Assert.Equal($"t.yaml:7:13: templates[0].prompt: {line}", RefusalWith("{{ a }} is {{ b }}", prompt));

    [Theory]
    [InlineData("date")]
    [InlineData("sha256")]
    [InlineData("nosuch")]
    public void A_filter_that_is_none_of_the_known_ones_is_refused_before_any_row_is_read(string filter) =>
        Assert.StartsWith($"t.yaml:7:13: templates[0].prompt: it has no filter {filter}. Filters are abs, append, ", RefusalWith("{{ a }} is", $"{{{{ a | {filter} }}}}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("x", 17_000, "the text has 17,009 characters; at most 16,384 are allowed.")]
    [InlineData("{% if a %}", 100, "the text has more than 100 tags, brackets and filters. Write it with fewer.")]
    [InlineData("a[", 101, "the text has more than 100 tags, brackets and filters. Write it with fewer.")]
    [InlineData("|size", 101, "the text has more than 100 tags, brackets and filters. Write it with fewer.")]
    public void A_text_that_is_too_long_or_too_deep_is_refused(string piece, int times, string line) =>
        Assert.Equal($"t.yaml:7:13: templates[0].prompt: {line}", RefusalWith("{{ a }} is {{ b }}", $"{string.Concat(Enumerable.Repeat(piece, times))} {{{{ b }}}} "));

    [Theory]
    [InlineData("{{ ", "a[", "0", "]", "}}")]
    [InlineData("{{ ", "(", "a", ")", "}}")]
    [InlineData("{{ a", "|size", "", "", "}}")]
    [InlineData("", "{% if a %}", "", "{% endif %}", "")]
    public void As_much_as_is_allowed_fits_a_small_stack(string begins, string opens, string inside, string closes, string ends)
    {
        var nested = Enumerable.Repeat(0, closes.StartsWith('{') ? 50 : 99);
        var prompt = $"{begins}{string.Concat(nested.Select(_ => opens))}{inside}{string.Concat(nested.Select(_ => closes))}{ends}";
        var row = new TaskRow(new Dictionary<string, FluidValue> { ["a"] = new StringValue("a"), ["b"] = NilValue.Instance }, 0);
        Exception? failed = null;
        var small = new Thread(() => failed = Record.Exception(() => TaskFile.Parse(Sound.Replace("{{ a }} is {{ b }}", prompt, StringComparison.Ordinal), "t.yaml", "t").Templates[0].Render(row)), 512 << 10);
        small.Start();
        small.Join();

        Assert.True(failed is null or BadInputException or RowRefused, $"{failed}");
    }

    [Theory]
    [InlineData("{{ a | append: b }}", 120_000)]
    [InlineData("{{ a | replace: 'xyz', b }}", 60_000)]
    [InlineData("{{ a | slice: 0, 9 | replace: 'x', 'yz' }}", 18)]
    [InlineData("{% assign l = a | slice: 0, 99 | split: '' %}{{ l | join: ', ' }}", 99 + 98 * 2)]
    public void Long_texts_may_be_put_together(string prompt, int length)
    {
        var row = new TaskRow(new Dictionary<string, FluidValue> { ["a"] = new StringValue(new string('x', 60_000)), ["b"] = new StringValue(new string('y', 60_000)) }, 0);

        Assert.Equal(length, TaskFile.Parse(Sound.Replace("{{ a }} is {{ b }}", prompt, StringComparison.Ordinal), "t.yaml", "t").Templates[0].Render(row).Prompt.Length);
    }

    [Theory]
    [InlineData("{{ a | replace: 'x', b }}")]
    [InlineData("{% assign l = a | split: '' %}{{ l | join: b }}")]
    [InlineData("{% for i in (1..9) %}{{ a }}{{ b }}{% endfor %}")]
    [InlineData("{% assign s = a %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}")]
    [InlineData("{% assign l = a | split: '' %}{% for i in (1..40) %}{% assign l = l | concat: l %}{% endfor %}")]
    public void Texts_that_grow_without_end_are_refused(string prompt)
    {
        var row = new TaskRow(new Dictionary<string, FluidValue> { ["a"] = new StringValue(new string('x', 60_000)), ["b"] = new StringValue(new string('y', 60_000)) }, 0);
        var task = TaskFile.Parse(Sound.Replace("{{ a }} is {{ b }}", prompt, StringComparison.Ordinal), "t.yaml", "t");

        Assert.Equal(
            "template first (t.yaml:6): it writes more than 1,000,000 characters. Look for a loop that goes on for too long. Fix the template or the row.",
            Assert.Throws<RowRefused>(() => task.Templates[0].Render(row)).Message);
    }

    [Fact]
    public void However_a_file_is_damaged_it_is_read_or_refused()
    {
        var damage = new DamagedText(["{{", "}}", "{%", "%}", "|", "\"", "'", "\n", ": ", "[", "]", "for x in ", "assign a = ", "if ", "endif", "(1..3)", " | append: a", "\u0000", "- ", "&a ", "!t ", "\t", "choices_field"], 30, 6);
        var row = new TaskRow(new[] { "a", "b", "ends" }.ToDictionary(field => field, field => (FluidValue)(field == "ends" ? new ArrayValue([new StringValue("x"), new StringValue("y")]) : new StringValue("v"))), 0);
        Gen.Int.Sample(seed =>
        {
            try
            {
                var task = TaskFile.Parse(damage.Of(Sound, new Random(seed)), "t.yaml", "t");
                foreach (var template in task.Templates.Where(template => template.Fields.All(row.Values.ContainsKey)))
                    template.Render(row);
            }
            catch (Exception refused) when (refused is BadInputException or RowRefused)
            {
                Assert.DoesNotContain('\n', refused.Message);
            }
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal("/no/such.yaml: no such file.", Assert.Throws<BadInputException>(() => TaskFile.Load("/no/such.yaml")).Message);

    private static string Refusal(string text) => Assert.Throws<BadInputException>(() => TaskFile.Parse(text, "t.yaml", "t")).Message;

    private static string RefusalWith(string piece, string other)
    {
        Assert.Contains(piece, Sound, StringComparison.Ordinal);
        return Refusal(Sound.Replace(piece, other, StringComparison.Ordinal));
    }
}
