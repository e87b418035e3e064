using PeftCluster.Jobs;
using PeftCluster.Server.Comparing;

namespace PeftCluster.Server.Tests.Comparing;

public sealed class ResultStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_was_added_is_there_when_the_folder_is_opened_again()
    {
        var result = SampleComparison.Method("t-few", 3, 0.25, 0.75);

        ResultStore.Open(_folder.Path).Add([result, SampleComparison.Prompt("zero-shot", 0, 3)]);

        var found = Assert.Single(ResultStore.Open(_folder.Path).Of("t-few 3"));
        Assert.Equal(result with { Templates = null, Scores = null }, found with { Templates = null, Scores = null });
        Assert.Equal(result.Templates, found.Templates);
        Assert.Equal(result.Scores, found.Scores);
    }

    [Fact]
    public void A_job_that_says_something_else_has_no_result()
    {
        ResultStore.Open(_folder.Path).Add([SampleComparison.Method("t-few", 3)]);

        Assert.Empty(ResultStore.Open(_folder.Path).Of("t-few 4"));
    }

    [Fact]
    public void A_line_that_was_cut_short_counts_as_not_there_and_the_next_one_stands_alone()
    {
        ResultStore.Open(_folder.Path).Add([SampleComparison.Method("t-few", 0), SampleComparison.Method("t-few", 1)]);
        var path = _folder["results.jsonl"];
        File.WriteAllText(path, File.ReadAllText(path)[..^40]);

        var reopened = ResultStore.Open(_folder.Path);
        reopened.Add([SampleComparison.Method("t-few", 2)]);

        Assert.Empty(reopened.Of("t-few 1"));
        Assert.Equal([1, 0, 1], new[] { 0, 1, 2 }.Select(seed => ResultStore.Open(_folder.Path).Of($"t-few {seed}").Count));
    }

    [Fact]
    public void A_folder_that_is_a_file_is_refused_in_one_line()
    {
        File.WriteAllText(_folder["taken"], "");

        Assert.Contains("cannot be written", Assert.Throws<BadInputException>(() => ResultStore.Open(_folder["taken"])).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
