using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using PeftCluster.Cli.Tests;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tasks;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Tasks;

/// <summary>The built-in tasks over rows as the data sets have them on the Hugging Face Hub: these rows are made up.</summary>
public sealed class BuiltInTasksTests
{
    /// <summary>A row of each, and the choice that it says is right.</summary>
    public static TheoryData<string, string, int> Rows => new()
    {
        { "anli", """{"uid": "x-1", "premise": "The bridge was built in 1931. ", "hypothesis": "The bridge is older than a hundred years.", "label": 2, "reason": ""}""", 2 },
        { "boolq", """{"question": "do owls sleep by night", "passage": "Most owls hunt by night. ", "idx": 3, "label": 0}""", 0 },
        { "cb", """{"premise": "A: Is it warm there? B: I do not think that it is.", "hypothesis": "it is warm there", "idx": 0, "label": 1}""", 1 },
        { "copa", """{"premise": "The cup broke.", "choice1": "It fell from the table.", "choice2": "It was full of tea.", "question": "cause", "idx": 1, "label": 0}""", 0 },
        { "hellaswag", """{"ind": 4, "activity_label": "Cooking", "ctx_a": "A man peels an onion.", "ctx_b": "he", "ctx": "A man peels an onion. he", "endings": ["cuts it in two.", "paints the wall.", "drives away in it.", "reads it aloud."], "label": "0"}""", 0 },
        { "rte", """{"premise": "Ada sold the mill to her brother.", "hypothesis": "The mill was sold.", "idx": 7, "label": 0}""", 0 },
        { "storycloze", """{"story_id": "s", "input_sentence_1": "Tim lost his key.", "input_sentence_2": "He looked in the garden.", "input_sentence_3": "He looked in the car.", "input_sentence_4": "Then he felt in his pocket.", "sentence_quiz1": "It was raining.", "sentence_quiz2": "There it was.", "answer_right_ending": 2}""", 1 },
        { "wic", """{"word": "bank", "sentence1": "We sat on the bank of the river.", "sentence2": "The bank lends money.", "start1": 14, "start2": 4, "end1": 18, "end2": 8, "idx": 2, "label": false}""", 0 },
        { "winogrande", """{"sentence": "The ball did not fit into the box because the _ was too big.", "option1": "ball", "option2": "box", "answer": "1"}""", 0 },
    };

    [Fact]
    public void Every_task_of_the_list_has_a_row_here() =>
        Assert.Equal(BuiltInTasks.Names, Rows.Select(row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_template_of_a_task_is_pinned_as_it_looks_for_a_row(string name, string row, int right)
    {
        var task = BuiltInTasks.Of(name);
        var example = Parse(task, row);
        var text = new StringBuilder();
        foreach (var template in task.Templates)
        {
            var (prompt, choices) = template.Render(example);
            text.Append($"== {template.Name}\n{prompt}\n{string.Concat(choices.Select((choice, number) => $"{(number == right ? "*" : "-")} {choice}\n"))}");
        }

        Assert.Equal(right, example.Right);
        Assert.True(task.Templates.Count >= 4);
        Snapshot.Matches($"task-{name}", text.ToString(), Here());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_task_says_what_it_is_and_what_is_to_be_done(string name, string row, int right)
    {
        var task = BuiltInTasks.Of(name);

        Assert.Equal(name, task.Name);
        Assert.EndsWith(".", task.Description, StringComparison.Ordinal);
        Assert.All(task.Fields, field => Assert.Contains(field, task.About!, StringComparison.Ordinal));
        Assert.True(JsonDocument.Parse(row).RootElement.TryGetProperty(task.Answer, out _));
        Assert.InRange(right, 0, (task.Answers?.Count ?? 4) - 1);
    }

    [Theory]
    [InlineData("rte", "label", "\"entailment\"", 0)]
    [InlineData("rte", "label", "\"1\"", 1)]
    [InlineData("wic", "label", "true", 1)]
    [InlineData("wic", "label", "1", 1)]
    [InlineData("boolq", "label", "\"True\"", 1)]
    [InlineData("winogrande", "answer", "2", 1)]
    [InlineData("copa", "label", "\"1\"", 1)]
    public void An_answer_may_be_written_as_its_word_or_its_number(string name, string field, string said, int right)
    {
        using var value = JsonDocument.Parse(said);

        Assert.Equal(field, BuiltInTasks.Of(name).Answer);
        Assert.Equal(right, BuiltInTasks.Of(name).AnswerWords.Of(value.RootElement));
    }

    [Theory]
    [InlineData("winograd", "data.task: no task winograd is built in. Did you mean winogrande? There are anli, boolq, cb, copa, hellaswag, rte, storycloze, wic, winogrande; a task of your own is a file that ends in .yaml.")]
    [InlineData("glue/rte", "data.task: no task glue/rte is built in. There are anli, boolq, cb, copa, hellaswag, rte, storycloze, wic, winogrande; a task of your own is a file that ends in .yaml.")]
    public void An_unknown_name_is_refused_with_the_nearest_one(string name, string line) =>
        Assert.Equal(line, Assert.Throws<BadInputException>(() => BuiltInTasks.Of(name)).Message);

    [Fact]
    public void The_page_about_tasks_lists_each_with_its_templates_and_answers()
    {
        var page = File.ReadAllText(Path.Combine(Here(), "..", "..", "..", "..", "docs", "tasks.md"));

        Assert.All(BuiltInTasks.Names.Select(BuiltInTasks.Of), task => Assert.Contains(
            $" | {(task.Answers is { } answers ? $"{string.Join(", ", answers)} | " : "")}{string.Join(", ", task.Templates.Select(template => template.Name))} |\n",
            page.Split($"| `{task.Name}` |")[1], StringComparison.Ordinal));
    }

    private static TaskRow Parse(DataTask task, string row)
    {
        using var document = JsonDocument.Parse(row);
        var format = new ChoicesFormat(task);
        return format.Parse(new ExampleRow(document.RootElement, 1, format, new RowColumns(null, format))).Task!;
    }

    private static string Here([CallerFilePath] string self = "") => Path.Combine(Path.GetDirectoryName(self)!, "Snapshots");
}
