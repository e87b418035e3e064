using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Rows and templates that cannot become prompts with choices: one line each, with the row's place and the template's.</summary>
public sealed class ChoiceRefusalTests : IDisposable
{
    private readonly ChoiceJob _job = new();

    public void Dispose() => _job.Dispose();

    [Theory]
    // A field that the row lacks.
    [InlineData("{{premise}}", "[x, y]", """{"a": 1, "premis": "p", "label": 0}""", "template t (TASK:4) names the field \"premise\", and the row has none. It has a, premis, label. Did you mean premis? Fix the template or the row, or set data.columns.")]
    [InlineData("{{a}}", "[x, '{{c}}']", """{"a": 1, "label": 0}""", "template t (TASK:4) names the field \"c\", and the row has none. It has a, label. Fix the template or the row, or set data.columns.")]
    [InlineData("{{a}}", "[x, y]", """{"a": 1}""", "\"label\" is missing. Format choices expects a, label; this row has a. Fix the row, or set data.format or data.columns.")]
    // What is wrong with choices.
    [InlineData("{{a}}", "['{{a}}', y]", """{"a": "", "label": 0}""", "template t (TASK:4): choice 0 is empty. Fix the row.")]
    [InlineData("{{a}}", "['{{a}}', y]", """{"a": " \n", "label": 0}""", "template t (TASK:4): choice 0 is empty. Fix the row.")]
    [InlineData("{{a}}", "[x, '{{a}}', y]", """{"a": " y", "label": 0}""", "template t (TASK:4): choices 1 and 2 are equal, \"y\". Fix the row.")]
    [InlineData("q", "a", """{"a": ["x"], "label": 0}""", "template t (TASK:4) makes 1 choices; 2 to 256 are allowed. Fix the row.")]
    [InlineData("q", "a", """{"a": "x", "label": 0}""", "template t (TASK:4): its choices_field, \"a\", is no list of texts. Fix the template or the row.")]
    [InlineData("q", "a", """{"a": ["x", ["y"]], "label": 0}""", "template t (TASK:4): its choices_field, \"a\", is no list of texts. Fix the template or the row.")]
    // The right answer.
    [InlineData("q", "a", """{"a": ["x", "y"], "label": 2}""", "the right answer is choice 2, and template t (TASK:4) makes 2, numbered from 0. Fix the row.")]
    [InlineData("q", "[x, y]", """{"label": -1}""", "\"label\" says \"-1\", which is no answer of the task. Answers are the numbers of the choices, from 0.")]
    [InlineData("q", "[x, y]", """{"label": 1.5}""", "\"label\" says \"1.5\", which is no answer of the task. Answers are the numbers of the choices, from 0.")]
    [InlineData("q", "[x, y]", """{"label": ""}""", "\"label\" says \"\", which is no answer of the task. Answers are the numbers of the choices, from 0.")]
    [InlineData("q", "[x, y]", """{"label": null}""", "\"label\" is null, not an answer. Answers are the numbers of the choices, from 0.")]
    // Templates that do not end, or ask for what is not there.
    [InlineData("{% for i in (1..1000) %}{% for j in (1..1000) %}{% if i %}{% endif %}{% endfor %}{% endfor %}", "[x, y]", """{"label": 0}""", "template t (TASK:4): it does not end within 10,000 steps. Look for a loop that goes on for too long. Fix the template or the row.")]
    [InlineData("{% for i in (1..9) %}{% for j in (1..900) %}{{a}}{% endfor %}{% endfor %}", "[x, y]", """{"a": "LONG", "label": 0}""", "template t (TASK:4): it writes more than 1,000,000 characters. Look for a loop that goes on for too long. Fix the template or the row.")]
    [InlineData("{% assign s = 'ab' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}", "[x, y]", """{"label": 0}""", "template t (TASK:4): it writes more than 1,000,000 characters. Look for a loop that goes on for too long. Fix the template or the row.")]
    [InlineData("{% assign s = a | replace: 'x', a %}{% assign s = s | replace: 'x', s %}", "[x, y]", """{"a": "LONG", "label": 0}""", "template t (TASK:4): it writes more than 1,000,000 characters. Look for a loop that goes on for too long. Fix the template or the row.")]
    [InlineData("{{a.b}}", "[x, y]", """{"a": {"c": 1}, "label": 0}""", "template t (TASK:4): it asks a field for its part \"b\", and the field has c. Fix the template or the row.")]
    [InlineData("{{ 1 | divided_by: a }}", "[x, y]", """{"a": 0, "label": 0}""", "template t (TASK:4): it cannot be filled in: Attempted to divide by zero. Fix the template or the row.")]
    public void A_row_that_cannot_be_used_is_refused_with_its_place_and_the_templates(string prompt, string choices, string row, string line)
    {
        var message = Task(prompt, choices).Train(row.Replace("LONG", new string('x', 2000), StringComparison.Ordinal)).Refusal();

        Assert.Equal($"{_job.TrainPath}:1: {line.Replace("TASK", _job.TaskPath, StringComparison.Ordinal)}", message);
    }

    [Fact]
    public void An_answer_word_that_is_none_is_refused_with_the_words() => Assert.Equal(
        $"{_job.TrainPath}:1: \"label\" says \"maybe\", which is no answer of the task. Answers are yes, no, or their numbers, 0 to 1.",
        _job.Task(ChoiceJob.TwoTemplates).Train(ChoiceJob.Row("a", "b", "maybe")).Refusal());

    [Fact]
    public void Where_the_words_are_numbers_other_numbers_are_none() => Assert.Equal(
        $"{_job.TrainPath}:1: \"label\" says \"0\", which is no answer of the task. Answers are 1, 2.",
        _job.Task(ChoiceJob.TwoTemplates.Replace("[\"yes\", \"no\"]", "[1, 2]", StringComparison.Ordinal)).Train(ChoiceJob.Row("a", "b", 0)).Refusal());

    [Fact]
    public void Templates_of_a_task_have_the_same_number_of_choices() => Assert.Equal(
        $"{_job.TrainPath}:1: template u (TASK:7) makes 3 choices, and template t (TASK:4) makes 2. All templates of a task need the same answers.".Replace("TASK", _job.TaskPath, StringComparison.Ordinal),
        _job.Task($"{TaskText("q", "[x, y]")}\n  - name: u\n    prompt: q\n    choices: [x, y, z]").Train("""{"label": 0}""").Refusal());

    [Fact]
    public void A_choice_of_which_the_tokenizer_leaves_nothing_is_refused()
    {
        _job.Job.Model.Tokenizer["normalizer"] = new System.Text.Json.Nodes.JsonObject
        {
            ["type"] = "Replace",
            ["pattern"] = new System.Text.Json.Nodes.JsonObject { ["String"] = "z" },
            ["content"] = "",
        };
        _job.Encoder();

        Assert.Equal(
            $"{_job.TrainPath}:1: template t ({_job.TaskPath}:4): of choice 1, \"zz\", the tokenizer leaves nothing. Fix the row.",
            Task("q", "[x, zz]").Train("""{"label": 0}""").Refusal());
        Assert.Equal(
            $"{_job.TrainPath}:1: template t ({_job.TaskPath}:4): choices 0 and 1, \"x\" and \"xz\", are the same tokens to this model, \"x\". Write them differently.",
            Task("q", "[x, xz]").Train("""{"label": 0}""").Refusal());
    }

    [Fact]
    public void A_prompt_of_nothing_is_refused_where_nothing_else_stands_before_the_choices()
    {
        _job.Job.Model.Tokenizer["post_processor"] = null;
        _job.Job.Model.Write();

        Assert.Equal(
            $"{_job.TrainPath}:1: template t ({_job.TaskPath}:4): the prompt is empty, and nothing stands before the choices that could predict them. Fix the row.",
            Task("{{a}}", "[x, y]").Train("""{"a": null, "label": 0}""").Refusal());
    }

    [Theory]
    [InlineData(OnTooLong.Refuse, "under template t (TASK:4) the row has 15 tokens with its longest choice, more than data.max_length 8. Shorten it, raise data.max_length, or set data.on_too_long: truncate.")]
    [InlineData(OnTooLong.Truncate, "under template t (TASK:4) the longest choice has 12 tokens, and data.max_length 8 leaves nothing of the prompt. Choices are not cut: raise data.max_length, or set data.on_too_long: skip.")]
    public void Choices_are_not_cut(OnTooLong policy, string line) => Assert.Equal(
        $"{_job.TrainPath}:1: {line.Replace("TASK", _job.TaskPath, StringComparison.Ordinal)}",
        Task("pq", "[x, 0123456789]").Train("""{"label": 0}""").Refusal(spec => spec with { MaxLength = 8, OnTooLong = policy }));

    [Fact]
    public void Bad_rows_are_left_out_where_the_job_says_so()
    {
        using var data = Task("{{a}}", "['{{a}}', y]").Train("""{"a": "", "label": 0}""", Sound, """{"a": "p", "label": 9}""", """{"label": 0}""").Prepare(spec => spec with { OnBadRow = OnBadRow.Skip });

        Assert.Equal(1, data.Train.Count);
        Assert.Equal(2, data.Train.Line(0));
        Assert.Equal(3, data.Report.LeftOut.Count);
    }

    [Fact]
    public void A_row_under_the_fewest_tokens_is_left_out()
    {
        using var data = Task("{{a}}", "[x, yyyy]").Train("""{"a": "p", "label": 0}""", """{"a": "pppp", "label": 0}""").Prepare(spec => spec with { MinLength = 11 });

        Assert.Equal([2], Enumerable.Range(0, data.Train.Count).Select(data.Train.Line));
        Assert.Equal(11, data.Train.Length(0));
    }

    [Fact]
    public void Columns_name_the_fields_of_a_task()
    {
        using var data = Task("{{a}}", "[x, y]").Train("""{"text": "p", "gold": 1}""").Prepare(spec => spec with { Columns = [new("a", "text"), new("label", "gold")] });

        Assert.Equal(["<bos>p| x<eos>|* y<eos>"], ChoiceJob.AllShown(data.Train));
    }

    [Fact]
    public void A_column_for_a_field_that_the_task_does_not_name_is_refused() => Assert.Equal(
        "data.columns: format choices has no premise. It has a, label; the name in the file stands behind it: {a: premise}.",
        Task("{{a}}", "[x, y]").Train(Sound).Refusal(spec => spec with { Columns = [new("premise", "text")] }));

    [Theory]
    [InlineData("two", "data.templates: task task has no template two. It has t, first.")]
    [InlineData("firts", "data.templates: task task has no template firts. Did you mean first? It has t, first.")]
    public void An_unknown_template_is_refused(string name, string line) =>
        Assert.Equal(line, _job.Task($"{TaskText("q", "[x, y]")}\n  - name: first\n    prompt: q\n    choices: [x, y]").Train(Sound).Refusal(spec => spec with { Templates = [name] }));

    [Fact]
    public void A_classifier_ranks_no_answers()
    {
        _job.Job.Model.Config["architectures"] = new System.Text.Json.Nodes.JsonArray("BertForSequenceClassification");
        _job.Job.Model.Config["model_type"] = "bert";
        _job.Job.Model.Config["id2label"] = new System.Text.Json.Nodes.JsonObject { ["0"] = "no", ["1"] = "yes" };
        _job.Job.Model.Write();

        Assert.Equal(
            "data.format: choices: a classifier names its own classes and ranks no answers. Give it rows of text and label (data.format: classification), or take a model that writes text.",
            Task("{{a}}", "[x, y]").Train(Sound).Refusal());
    }

    private const string Sound = """{"a": "p", "label": 0, "premise": "p", "c": "c"}""";

    private ChoiceJob Task(string prompt, string choices) => _job.Task(TaskText(prompt, choices));

    /// <summary>A task of one template; its choices are a list, or the name of a field.</summary>
    private static string TaskText(string prompt, string choices) => $"""
        # The template stands in line 4.
        answer: label
        templates:
          - name: t
            prompt: "{prompt}"
            {(choices.StartsWith('[') ? "choices" : "choices_field")}: {choices}
        """;
}
