using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Comparing;
using PeftCluster.Server.Tests.Comparing;

namespace PeftCluster.Cli.Tests.Rendering;

/// <summary>A comparison as people and scripts read it, pinned.</summary>
public sealed class ComparisonTextTests
{
    [Fact]
    public void The_table_and_the_object_are_pinned()
    {
        var output = new StringWriter();

        ComparisonText.Write(output, SampleComparison.Table(), "runs/rte/compare.html");
        output.WriteLine(JsonLine.Of(ComparisonResult.Of(SampleComparison.Table(), "runs/rte")));

        Snapshot.Matches("compare", output.ToString());
    }

    [Fact]
    public void One_seed_is_not_many()
    {
        var output = new StringWriter();

        ComparisonText.Write(output, ComparisonTable.Of("rte", [7], [SampleComparison.Prompt("zero-shot", 0, 7, 0.5)], []), "compare.html");

        Assert.Contains("median over 1 seed and all templates", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_tells_what_it_gave_when_it_was_done_and_why_it_failed()
    {
        var trained = new JobReport("t-few", 3, [SampleComparison.Method("t-few", 3, 0.8, 0.9)], IsNew: true) { Number = 4, Jobs = 6 };
        var prompted = new JobReport("prompting", 3, [SampleComparison.Prompt("zero-shot", 0, 3, 0.5), SampleComparison.Prompt("four-shot", 4, 3, 0.25)], IsNew: false) { Number = 1, Jobs = 6 };
        var failed = new JobReport("lora", 3, [], IsNew: true) { Number = 5, Jobs = 6, Failure = "diverged at step 3" };

        Assert.Equal("4/6  t-few, seed 3: 85.0 % in 2.0 s", ComparisonText.Line(trained));
        Assert.Equal("1/6  prompting, seed 3: zero-shot 50.0 %, four-shot 25.0 % (done before)", ComparisonText.Line(prompted));
        Assert.Equal("5/6  lora, seed 3: diverged at step 3", ComparisonText.Line(failed));
    }
}
