using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Cli.Rendering;
using PeftCluster.Data.Prepared;
using PeftCluster.Server.Node;
using Spectre.Console.Testing;

namespace PeftCluster.Cli.Tests.Commands;

/// <summary><c>peft data check</c> and <c>peft data show</c>: what people and scripts read, pinned; and what exit codes say.</summary>
public sealed class DataTests : IDisposable
{
    private readonly TinyWorld _world = TinyWorld.Create();

    private readonly string? _home = Environment.GetEnvironmentVariable(CacheFolder.Variable);

    public DataTests()
    {
        Environment.SetEnvironmentVariable(CacheFolder.Variable, _world["home"]);
        var job = File.ReadAllText(_world["job.yaml"]);
        foreach (var name in (string[])["base", "train.jsonl", "heldout.jsonl", "runs/tiny"])
            job = job.Replace($": {name}", $": {_world[name]}", StringComparison.Ordinal);
        File.WriteAllText(_world["job.yaml"], job);
        // The world's rows are drawn, and one of them twice: here nothing is to be found unless a test puts it there.
        var learnt = File.ReadAllText(_world["train.jsonl"]);
        File.WriteAllLines(_world["heldout.jsonl"], File.ReadAllLines(_world["heldout.jsonl"]).Where(line => !learnt.Contains(line, StringComparison.Ordinal)));
    }

    private Task<Answer> RunAsync(string command, params string[] words) => Shell.RunAsync(["data", command, _world["job.yaml"], .. words]);

    private string Neutral(string text) => text.Replace(_world.Folder, "<world>", StringComparison.Ordinal);

    private void Lines(string name, params string[] rows) => File.WriteAllLines(_world[name], rows);

    [Fact]
    public async Task The_report_is_pinned()
    {
        var answer = await RunAsync("check");

        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Snapshot.Matches("data-check", Neutral(answer.Out));
    }

    [Fact]
    public async Task On_a_terminal_what_is_learnt_is_green_and_what_is_masked_grey()
    {
        var report = await DataInspection.CheckAsync(Jobs.Spec.JobFile.Load(_world["job.yaml"]), new NodeFolders(), null, TestContext.Current.CancellationToken);
        var console = new TestConsole().Width(200).EmitAnsiSequences();

        SampleText.WriteText(console, report.Samples[0]);

        Assert.Matches("\u001b\\[38;5;8m\\w+ wants", console.Output.Replace("\u001b[0m\u001b[38;5;8m", "", StringComparison.Ordinal));
        Assert.Contains("\u001b[4;38;5;2m<|endoftext|>", console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_are_left_out_are_listed_with_file_and_line()
    {
        Lines("train.jsonl", [.. File.ReadAllLines(_world["train.jsonl"]), "{", """{"prompt":"a","completion":""}"""]);

        var answer = await RunAsync("check", "--set", "data.on_bad_row=skip", "--set", "data.on_empty=skip");

        Assert.Equal(0, answer.Code);
        Assert.Contains("0 rows cut, 2 left out", answer.Out, StringComparison.Ordinal);
        Assert.Contains("left out  <world>/train.jsonl:65: the row is not JSON", Neutral(answer.Out), StringComparison.Ordinal);
        Assert.Contains("left out  <world>/train.jsonl:66: \"completion\" is empty. Left out by data.on_empty.", Neutral(answer.Out), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_object_has_the_keys_that_scripts_know()
    {
        Lines("train.jsonl", [.. File.ReadAllLines(_world["train.jsonl"]), """{"prompt":"<|im_start|>user\n","completion":"x"}"""]);

        var answer = await RunAsync("check", "--json");

        Assert.Equal(0, answer.Code);
        Snapshot.Matches("data-check-keys", Keys(JsonNode.Parse(answer.LastLine)!));
        Assert.Equal("ok", JsonNode.Parse(answer.LastLine)!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Warnings_are_lines_and_do_not_change_the_exit_code()
    {
        Lines("train.jsonl", """{"prompt":"a","completion":"b"}""", $$"""{"prompt":"a","completion":"{{new string('b', 100)}}"}""");

        var answer = await RunAsync("check");

        Assert.Equal(0, answer.Code);
        Assert.Equal("warning  data.train: 1 of 2 rows were cut at data.max_length 64. Raise it to learn from whole rows.\n", answer.Error);
    }

    [Fact]
    public async Task What_is_refused_is_a_line_each_and_exit_code_2()
    {
        var tokenizer = JsonNode.Parse(File.ReadAllText(_world["base/tokenizer.json"]))!;
        tokenizer["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":257,"content":"<pad>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"""));
        File.WriteAllText(_world["base/tokenizer.json"], tokenizer.ToJsonString());
        File.WriteAllText(_world["base/chat_template.jinja"], "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}");
        Lines("train.jsonl", """{"prompt":"<|im_start|>hi<|im_end|>","completion":"b<pad>"}""");

        var answer = await RunAsync("check", "--json");

        Assert.Equal(2, answer.Code);
        Snapshot.Matches("data-check-refused", Neutral(answer.Error));
        var report = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal("refused", report.GetProperty("status").GetString());
        Assert.Equal(["template_split", "beyond_embedding"], report.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("severity").GetString() == "refused").Select(finding => finding.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Rows_that_cannot_be_prepared_are_one_line_and_an_object()
    {
        Lines("train.jsonl", """{"prompt":"a","completion":"b"}""", """{"prompt":"a","completion":""}""");

        var answer = await RunAsync("check", "--json");

        Assert.Equal(2, answer.Code);
        Assert.Equal($"{_world["train.jsonl"]}:2: \"completion\" is empty. An example needs at least one token to learn from. Drop the row, or set data.on_empty: skip.\n", answer.Error);
        var report = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal(("refused", JsonValueKind.Null), (report.GetProperty("status").GetString(), report.GetProperty("train").ValueKind));
        Assert.Equal("preparation", Assert.Single(report.GetProperty("findings").EnumerateArray()).GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_row_longer_than_the_model_was_made_for_is_refused()
    {
        Lines("train.jsonl", $$"""{"prompt":"a","completion":"{{new string('b', 600)}}"}""");

        var answer = await RunAsync("check", "--set", "data.max_length=1000");

        Assert.Equal(2, answer.Code);
        Assert.Contains("the model was made for 512", Assert.Single(answer.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_holds_figures_plots_and_rows_and_nothing_from_elsewhere()
    {
        Lines("train.jsonl", """{"prompt":"<b>bold</b>","completion":"x & y"}""", """{"prompt":"a","completion":"b"}""");

        var answer = await RunAsync("check", "--html", _world["data.html"]);

        var page = File.ReadAllText(_world["data.html"]);
        Assert.Equal(0, answer.Code);
        Assert.Equal(2, page.Split("<svg").Length - 1);
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org/", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>bold", page, StringComparison.Ordinal);
        Assert.Contains(">&lt;</span>", page, StringComparison.Ordinal);
        Assert.Contains("class=\"learnt special\" title=\"256\">&lt;|endoftext|&gt;</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_cannot_be_written_is_one_line() =>
        Assert.StartsWith($"--html: {_world["nowhere/data.html"]}: cannot be written: ", (await RunAsync("check", "--html", _world["nowhere/data.html"])).Error, StringComparison.Ordinal);

    [Fact]
    public async Task A_row_is_shown_token_by_token()
    {
        var answer = await RunAsync("show", "--row", "2");

        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Snapshot.Matches("data-show", Neutral(answer.Out));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("show")]
    public async Task Control_characters_of_the_data_are_shown_and_do_not_reach_the_terminal(string command)
    {
        Lines("train.jsonl", """{"prompt":"a\u001b[2Jb\u0007","completion":"b\u009b\u007f"}""");

        var answer = await RunAsync(command);

        Assert.DoesNotContain(answer.Out, letter => char.IsControl(letter) && letter is not ('\n' or '\r'));
        Assert.Contains("a␛[2Jb␇⟦b␡␡", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_held_out_row_as_an_object_is_what_the_model_gets()
    {
        var row = JsonDocument.Parse((await RunAsync("show", "--row", "3", "--held-out", "--json")).LastLine).RootElement;

        Assert.Equal(("data.eval", 3, $"{_world["heldout.jsonl"]}:3"), (row.GetProperty("set").GetString(), row.GetProperty("row").GetInt32(), row.GetProperty("place").GetString()));
        var tokens = row.GetProperty("tokens").EnumerateArray().ToList();
        var written = JsonDocument.Parse(File.ReadLines(_world["heldout.jsonl"]).ElementAt(2)).RootElement;
        Assert.Equal(written.GetProperty("prompt").GetString(), string.Concat(tokens.Where(token => !token.GetProperty("label").GetBoolean()).Select(token => token.GetProperty("text").GetString())));
        Assert.Equal((256, true, true), (tokens[^1].GetProperty("id").GetInt32(), tokens[^1].GetProperty("label").GetBoolean(), tokens[^1].GetProperty("special").GetBoolean()));
    }

    [Fact]
    public async Task A_row_that_is_not_there_is_one_line_and_exit_code_2()
    {
        var answer = await RunAsync("show", "--row", "65");

        Assert.Equal((2, "--row: 65 is not in [1, 64]: data.train has 64 rows.\n"), (answer.Code, answer.Error));
    }

    /// <summary>Two templates over name, colour and said (red or blue).</summary>
    private string[] WithChoices(params string[] rows)
    {
        File.WriteAllText(_world["task.yaml"], """
            answer: said
            answers: [red, blue]
            templates:
              - name: asks
                prompt: "What does {{ name }} want, {{ said }} or not?"
                choices: ["red", "blue"]
              - name: tells
                prompt: "{{ name }} wants"
                choices: ["a red mug", "a blue mug"]
            """);
        Lines("train.jsonl", rows);
        Lines("heldout.jsonl", """{"name": "Sam", "said": "blue"}""", """{"name": "Ida", "said": 0}""");
        return ["--set", "data.format=choices", "--set", $"data.task={_world["task.yaml"]}"];
    }

    [Fact]
    public async Task Of_rows_with_choices_the_report_tells_templates_choices_and_how_often_each_is_right()
    {
        var answer = await RunAsync("check", WithChoices("""{"name": "Eve", "said": "red"}""", """{"name": "Tom", "said": "blue"}""", """{"name": "Ben", "said": "blue"}"""));

        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Snapshot.Matches("data-check-choices", Neutral(answer.Out));
    }

    [Fact]
    public async Task One_choice_that_is_always_right_is_a_warning()
    {
        var answer = await RunAsync("check", WithChoices("""{"name": "Eve", "said": "red"}""", """{"name": "Tom", "said": "red"}"""));

        Assert.Equal(0, answer.Code);
        Assert.Equal("warning  data.train: choice 0 (red) is the right one of all 2 examples, so its place alone is learnt or measured. Add rows with other answers.\n", answer.Error);
    }

    [Fact]
    public async Task A_row_with_choices_is_shown_as_its_prompt_and_a_line_for_each_choice()
    {
        var answer = await RunAsync("show", ["--row", "2", .. WithChoices("""{"name": "Eve", "said": "blue"}""")]);

        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Snapshot.Matches("data-show-choices", Neutral(answer.Out));
    }

    [Fact]
    public async Task A_row_with_choices_as_an_object_says_where_they_are_and_which_is_right()
    {
        var answer = await RunAsync("show", ["--row", "1", "--json", .. WithChoices("""{"name": "Eve", "said": "blue"}""")]);

        var row = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal("asks", row.GetProperty("template").GetString());
        Assert.Equal([false, true], row.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("right").GetBoolean()));
        var (right, tokens) = (row.GetProperty("choices")[1], row.GetProperty("tokens").EnumerateArray().ToList());
        Assert.Equal(" blue<|endoftext|>", string.Concat(tokens[right.GetProperty("start").GetInt32()..right.GetProperty("end").GetInt32()].Select(token => token.GetProperty("text").GetString())));
    }

    [Fact]
    public async Task The_page_tells_of_choices_too()
    {
        await RunAsync("check", ["--html", _world["data.html"], .. WithChoices("""{"name": "Eve", "said": "blue"}""", """{"name": "Tom", "said": "red"}""")]);

        var page = File.ReadAllText(_world["data.html"]);
        Assert.Contains("<li>task: task, templates asks, tells</li>", page, StringComparison.Ordinal);
        Assert.Contains("template asks", page, StringComparison.Ordinal);
        Assert.Contains("\n* <span class=\"learnt\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_nothing_on_the_quickstart()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "PeftCluster.sln")))
            root = root.Parent!;
        var quickstart = Path.Combine(root.FullName, "examples", "quickstart");

        var answer = await Shell.RunAsync("data", "check", Path.Combine(quickstart, "job.yaml"), "--json", "--set", $"model={quickstart}/base", "--set", $"data.train={quickstart}/train.jsonl", "--set", $"data.eval={quickstart}/heldout.jsonl");

        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Assert.Empty(JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("findings").EnumerateArray());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(CacheFolder.Variable, _home);
        _world.Dispose();
    }

    /// <summary>The keys of an object with the kinds of their values, a line each; of a list those of its first element.</summary>
    private static string Keys(JsonNode root)
    {
        var lines = new List<string>();
        Add(root, "");
        return string.Join('\n', lines) + "\n";

        void Add(JsonNode? node, string path)
        {
            switch (node)
            {
                case JsonObject members:
                    members.ToList().ForEach(member => Add(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}"));
                    break;
                case JsonArray list:
                    Add(list.FirstOrDefault(), $"{path}[]");
                    break;
                default:
                    lines.Add($"{path}: {(node is null ? "null" : node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? "boolean" : node.GetValueKind().ToString().ToLowerInvariant())}");
                    break;
            }
        }
    }
}
