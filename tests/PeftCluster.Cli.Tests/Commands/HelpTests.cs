namespace PeftCluster.Cli.Tests.Commands;

/// <summary>The help is a contract with people and their scripts: every text is pinned.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("peft")]
    [InlineData("peft train")]
    [InlineData("peft data")]
    [InlineData("peft data check")]
    [InlineData("peft data show")]
    [InlineData("peft eval")]
    [InlineData("peft compare")]
    [InlineData("peft generate")]
    [InlineData("peft merge")]
    [InlineData("peft adapter")]
    [InlineData("peft adapter show")]
    [InlineData("peft adapter diff")]
    [InlineData("peft adapter combine")]
    [InlineData("peft methods")]
    [InlineData("peft verify")]
    [InlineData("peft verify same-bits")]
    [InlineData("peft node")]
    [InlineData("peft cluster")]
    [InlineData("peft cluster status")]
    [InlineData("peft cluster certificates")]
    [InlineData("peft chaos")]
    [InlineData("peft bench")]
    [InlineData("peft bench step")]
    [InlineData("peft bench rows")]
    [InlineData("peft bench load")]
    [InlineData("peft doctor")]
    public async Task The_help_of_a_command_is_pinned(string command)
    {
        var words = command.Split(' ');

        var answer = await Shell.RunAsync([.. words[1..], "--help"]);

        Assert.Equal(0, answer.Code);
        Snapshot.Matches($"help {string.Join(' ', words[1..])}".TrimEnd().Replace(' ', '-'), answer.Out);
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown() =>
        Assert.Equal((await Shell.RunAsync("--help")).Out, (await Shell.RunAsync()).Out);

    [Fact]
    public async Task The_version_is_one_line()
    {
        var answer = await Shell.RunAsync("--version");

        Assert.Matches(@"^peft \d+\.\d+\.\d+\n$", answer.Out.ReplaceLineEndings("\n"));
        Assert.Equal(0, answer.Code);
    }

    [Theory]
    [InlineData("eval nowhere.yaml --json")]
    [InlineData("eval --json")]
    [InlineData("compare nowhere.yaml --json")]
    [InlineData("compare --seeds 4-1 --json")]
    [InlineData("bench step --batch many --json")]
    public async Task With_json_the_last_line_is_an_object_whatever_is_wrong(string words)
    {
        var answer = await Shell.RunAsync(words.Split(' '));

        Assert.Equal(2, answer.Code);
        Assert.Equal(answer.Error.TrimEnd(), System.Text.Json.JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("doktor", "'doktor'", "peft --help")]
    [InlineData("doctor --thread 2", "'--thread'", "peft doctor --help")]
    [InlineData("bench step --config x --batch many", "--batch: \"many\" is no whole number", "peft bench step --help")]
    [InlineData("adapter combine --weights 1,1 --density half a b c", "--density: \"half\" is no number", "peft adapter combine --help")]
    [InlineData("generate --model x --prompt y --early-stopping maybe", "--early-stopping: \"maybe\" is none of no|yes|never", "peft generate --help")]
    [InlineData("node --workers 0", "--workers: 1 to 64 are allowed", "peft node --help")]
    [InlineData("doctor --threads -1", "--threads: 1 to 256 are allowed", "peft doctor --help")]
    public async Task A_wrong_word_is_one_line_and_exit_code_2(string words, string wrong, string remedy)
    {
        var answer = await Shell.RunAsync(words.Split(' '));

        Assert.Equal(2, answer.Code);
        Assert.Empty(answer.Out);
        Assert.Single(answer.Error.TrimEnd().Split('\n'));
        Assert.Contains(wrong, answer.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, answer.Error, StringComparison.Ordinal);
    }
}
