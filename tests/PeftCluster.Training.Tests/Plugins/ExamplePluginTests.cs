using System.Runtime.InteropServices;
using System.Text.Json;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Plugins;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Source;
using TorchSharp;

namespace PeftCluster.Training.Tests.Plugins;

/// <summary>The example's method and loss, through the seam, from the assembly that its project built.</summary>
public sealed class ExamplePluginTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TinyJob _job = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _job.Dispose();
    }

    [Fact]
    public async Task Two_workers_and_a_recomputation_have_the_same_bits()
    {
        await using var one = _job.Device(0);
        await using var two = _job.Device(1);
        await using var first = await one.OpenAsync(SourceRequest.Own(Ssf()), None);
        // As it comes from the cluster, which carries what it does not know.
        await using var second = await two.OpenAsync(SourceRequest.Own(JobFile.Parse(JobFile.Write(Ssf()), "job.yaml", _folder.Path, [])), None);
        var adapter = await TinyJob.Adapter(first);

        Assert.Equal(adapter, await TinyJob.Adapter(second));
        var bits = (await GradientAsync(first, adapter)).Bits;
        Assert.Equal([bits, bits], await Task.WhenAll(BitsAsync(first, adapter), BitsAsync(second, adapter)));
        Assert.NotEqual(bits, await BitsAsync(first, [.. adapter.Select(value => value * 1.01f)]));
    }

    [Fact]
    public async Task A_gradient_is_the_slope_of_its_loss()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(Ssf()), None);
        var adapter = await TinyJob.Adapter(source);
        var (gradient, _, _) = await GradientAsync(source, adapter);
        var norm = Math.Sqrt(gradient.Sum(value => (double)value * value));
        var (there, back) = (await LossAlongAsync(0.01), await LossAlongAsync(-0.01));

        // The loss comes undivided, the gradient divided by the step's denominator.
        Assert.Equal(norm, (there - back) / 0.02 / _job.Work(0).Denominator, norm * 0.01);

        async Task<double> LossAlongAsync(double way) =>
            (await GradientAsync(source, [.. adapter.Zip(gradient, (value, slope) => (float)(value + way * slope / norm))])).Loss;
    }

    [Fact]
    public async Task An_exported_adapter_is_read_as_what_was_trained()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(Ssf()), None);
        var adapter = await TinyJob.Adapter(source);
        await source.ExportAsync(adapter, _folder.Path, None);

        var opened = AdapterFolder.Open(_folder.Path, Assert.Fail);
        await using var reader = await device.OpenAsync(SourceRequest.Own(_job.Spec(opened.Method)), None);
        using var again = new TemporaryFolder();
        await reader.ExportAsync(opened.Read((await reader.DescribeAsync(None)).Layout), again.Path, None);
        Assert.Equal("SsfSpec", opened.Method.GetType().Name);
        foreach (var name in (string[])["adapter_config.json", "adapter_model.safetensors"])
            Assert.Equal(File.ReadAllBytes(_folder.File(name)), File.ReadAllBytes(again.File(name)));
        using var config = JsonDocument.Parse(File.ReadAllText(_folder.File("adapter_config.json")));
        Assert.Equal("SSF", config.RootElement.GetProperty("peft_type").GetString());
    }

    [Fact]
    public Task Merged_weights_compute_what_the_adapter_computes() => OnDevice.Run(() =>
    {
        var method = WithPlugin("{type: ssf, target_modules: [q_proj, v_proj]}", "null", PluginHostTests.Example).Method;
        var config = TinyLlama.Config with { QueryKeyValueBias = true };
        var weights = TinyLlama.Weights(config);
        var plan = AdapterPlan.Of(method, config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 7, name => throw new InvalidOperationException(name));
        using var adapted = new AdaptedModel(config, key => weights[key], plan);
        adapted.Vector.Load([.. vector.Select((value, index) => value + MathF.Sin(index) * 0.1f)]);
        using var merged = plan.Merge(key => weights[key], [.. vector.Select((value, index) => value + MathF.Sin(index) * 0.1f)]);
        var ids = torch.arange(8).view(1, 8);
        var hidden = ((Decoder)adapted.Model).Hidden(ids);

        Assert.True((hidden - config.Build(key => weights[key]).Hidden(ids)).abs().max().item<float>() > 0.01f);
        GoldenFiles.Close(hidden, config.Build(key => merged[key]).Hidden(ids), 1e-4, "ssf");
        // Without biases there is no place for the shift.
        Assert.False(AdapterPlan.Of(method, TinyLlama.Config).CanMerge);
    });

    [Fact]
    public async Task A_loss_that_is_cross_entropy_gives_the_built_in_gradient()
    {
        var (own, _, ownLoss) = await LossAsync("logits_MV.log_softmax(1).gather(1, targets_M.unsqueeze(1)).squeeze(1).neg()");
        var (ours, _, ourLoss) = await LossAsync(null);

        Assert.Equal(ourLoss, ownLoss, 1e-4);
        Assert.All(ours.Zip(own), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Theory]
    [InlineData("logits_MV.sum()", "training.loss: own gave Float32 [] for 29 places. A loss is one float32 for each place, [29].")]
    [InlineData("logits_MV", "training.loss: own gave Float32 [29, 64] for 29 places. A loss is one float32 for each place, [29].")]
    [InlineData("null!", "training.loss: own gave nothing for 29 places. A loss is one float32 for each place, [29].")]
    [InlineData("targets_M.to_type(ScalarType.Float32)", "training.loss: own does not depend on the logits, so nothing can be learnt from it.")]
    [InlineData("throw new InvalidOperationException(\"no loss today\")", "training.loss: own failed: no loss today")]
    public async Task A_loss_that_is_none_ends_in_a_line(string expression, string line) =>
        Assert.Equal(line, (await Assert.ThrowsAsync<BadInputException>(() => LossAsync(expression))).Message);

    private JobSpec Ssf() => WithPlugin("{type: ssf}", "{type: focal, gamma: 1.5}", PluginHostTests.Example);

    private JobSpec WithPlugin(string method, string loss, string path) => JobFile.Parse(
        JobFile.Write(_job.Spec()), "job.yaml", _folder.Path, [$"plugins=[{path}]", $"method={method}", $"training.loss={loss}"], PluginHost.OfPaths);

    private async Task<(float[] Gradient, string Bits, double Loss)> LossAsync(string? expression)
    {
        var job = expression is null ? _job.Spec() : WithPlugin("{type: lora, r: 4}", "{type: own}", BuiltAssembly.Of(_folder.Path, $"Loss{Math.Abs(expression.Length * 31 + expression[0])}", $$"""
            public record OwnSpec : LossSpec { public override string Type => "own"; }
            public class OwnLoss : TokenLoss<OwnSpec> { protected override Tensor Of(OwnSpec spec, Tensor logits_MV, Tensor targets_M) => {{expression}}; }
            public class Entry : IPlugin { public IReadOnlyList<TokenLoss> Losses => [new OwnLoss()]; }
            """));
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(job), None);
        return await GradientAsync(source, await TinyJob.Adapter(source));
    }

    private async Task<string> BitsAsync(IStepSource source, float[] adapter) => (await GradientAsync(source, adapter)).Bits;

    private async Task<(float[] Gradient, string Bits, double Loss)> GradientAsync(IStepSource source, float[] adapter)
    {
        var gradient = new float[adapter.Length];
        var result = await source.GradientAsync(_job.Work(3, 0, 1, 2, 3, 4), adapter, gradient, None);
        return (gradient, $"{result.LossSum:R} {Convert.ToHexString(MemoryMarshal.AsBytes<float>(gradient))}", result.LossSum);
    }
}
