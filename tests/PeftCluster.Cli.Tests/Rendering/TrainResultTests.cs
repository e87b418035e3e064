using System.Text.Json;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Server.Tests;
using PeftCluster.Steps.Measures;

namespace PeftCluster.Cli.Tests.Rendering;

/// <summary>The object that scripts read: its keys, their order, and null where nothing was measured.</summary>
public sealed class TrainResultTests
{
    [Fact]
    public void Every_key_of_the_contract_is_there()
    {
        var json = Parse([new(false, 0, 2.31, 0.045, 21, 64), new(false, 1, 2.2, 0.07, 58, 64), new(false, 5, 2.1, 0.125, 205, 64), new(true, 0, 0.07, 0.96, 21, 64)]);

        Assert.Equal(
            ["status", "reason", "steps", "output", "adapter_sha256", "train_loss", "seconds", "evaluation", "best"],
            json.EnumerateObject().Select(key => key.Name));
        Assert.Equal("""{"loss":2.1,"exact_match":0.125,"prompt_tokens":205}""", json.GetProperty("evaluation").GetProperty("few_shot").GetRawText());
        Assert.Equal(0.96, json.GetProperty("evaluation").GetProperty("adapter").GetProperty("exact_match").GetDouble());
    }

    [Fact]
    public void Answer_choices_have_figures_of_their_own()
    {
        var json = Parse([new(false, 0, 2.31, 0.5, 21, 64, null, new ChoiceMetrics(0.25, [[1, 2], [0, 3]], [0.5, 0.75], 0.625, 0.5625, 0.6875))]);

        Assert.Equal(
            """{"loss":2.31,"exact_match":0.5,"prompt_tokens":21,"choices":{"macro_f1":0.25,"confusion":[[1,2],[0,3]],"templates":[0.5,0.75],"median":0.625,"q1":0.5625,"q3":0.6875}}""",
            json.GetProperty("evaluation").GetProperty("zero_shot").GetRawText());
    }

    [Fact]
    public void What_was_not_measured_is_null()
    {
        Assert.Equal(JsonValueKind.Null, Parse([]).GetProperty("evaluation").ValueKind);
        Assert.Equal(JsonValueKind.Null, Parse([new(false, 0, 2.31, 0.045, 21, 64)]).GetProperty("evaluation").GetProperty("few_shot").ValueKind);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_null() =>
        Assert.Equal(JsonValueKind.Null, Parse([new(false, 0, double.NaN, 0, 21, 64)]).GetProperty("evaluation").GetProperty("zero_shot").GetProperty("loss").ValueKind);

    private static JsonElement Parse(MeasuredTarget[] measured)
    {
        var outcome = new RunOutcome(SampleRun.Header("/runs/x"), SampleRun.Started(), SampleRun.Ended(), measured, TimeSpan.FromSeconds(61));
        return JsonDocument.Parse(JsonLine.Of(TrainResult.Of(outcome))).RootElement;
    }
}
