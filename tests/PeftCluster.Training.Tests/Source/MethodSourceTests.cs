using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Source;
using TorchSharp;

namespace PeftCluster.Training.Tests.Source;

/// <summary>What holds of the methods that do more than wrap linear layers, seen through the seam.</summary>
public sealed class MethodSourceTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TinyJob _job = new();

    public static TheoryData<MethodSpec> Methods =>
    [
        new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn, ReductionFactor = 4 },
        new BottleneckSpec { Config = BottleneckPreset.ParBn, Dropout = 0.1 },
        new FullSpec(),
        new Ia3Spec(),
        new LoraSpec { TargetModules = ["embed_tokens", "lm_head"], LoraDropout = 0.2 },
        new LohaSpec { RankDropout = 0.3, ModuleDropout = 0.3, ModulesToSave = ["lm_head"] },
        new LokrSpec { RankDropout = 0.3, RankDropoutScale = true, ModuleDropout = 0.3 },
        new TrainableTokensSpec { TokenIndices = [3, 4, 5, 6, 7, 8, 9, 10] },
        new PromptTuningSpec { NumVirtualTokens = 3 },
        new PTuningSpec { NumVirtualTokens = 3, EncoderHiddenSize = 12 },
        new PrefixTuningSpec { NumVirtualTokens = 3 },
        new PrefixTuningSpec { NumVirtualTokens = 3, PrefixProjection = true, EncoderHiddenSize = 12 },
    ];

    public void Dispose() => _job.Dispose();

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Two_workers_at_once_and_a_recomputation_have_the_same_bits(MethodSpec method)
    {
        await using var one = _job.Device(0);
        await using var two = _job.Device(1);
        await using var first = await one.OpenAsync(SourceRequest.Own(_job.Spec(method)), None);
        await using var second = await two.OpenAsync(SourceRequest.Own(_job.Spec(method)), None);
        var adapter = await TinyJob.Adapter(first);
        Assert.Equal(adapter, await TinyJob.Adapter(second));
        var hashes = new HashSet<string>();
        for (var time = 0; time < 3; time++)
            hashes.UnionWith(await Task.WhenAll(Bits(first, adapter, 3), Bits(second, adapter, 3)));
        Assert.Single(hashes);
        Assert.DoesNotContain(await Bits(first, adapter.Select(value => value * 1.01f).ToArray(), 3), hashes);
    }

    [Fact]
    public async Task Over_a_base_in_bfloat16_three_workers_at_once_have_the_same_bits()
    {
        var hashes = new HashSet<string>();
        foreach (MethodSpec method in new MethodSpec[] { new LoraSpec { UseDora = true, LoraDropout = 0.2 }, new PrefixTuningSpec { NumVirtualTokens = 3 } })
        {
            TorchSourceFactory[] devices = [.. Enumerable.Range(0, 3).Select(number => _job.Device(number))];
            var spec = _job.Spec(method) with { BaseDtype = BaseDtype.Bfloat16 };
            var sources = await Task.WhenAll(devices.Select(device => device.OpenAsync(SourceRequest.Own(spec), None)));
            var adapter = await TinyJob.Adapter(sources[0]);
            Assert.True(hashes.Add((await Task.WhenAll(sources.Select(source => Bits(source, adapter, 3)))).Distinct().Single()));
            foreach (var source in sources)
                await source.DisposeAsync();
            foreach (var device in devices)
                await device.DisposeAsync();
        }
    }

    [Fact]
    public async Task Noise_and_smoothing_change_the_gradient_and_not_from_worker_to_worker()
    {
        await using var one = _job.Device(0);
        await using var two = _job.Device(1);
        var plain = _job.Spec();
        var hashes = new HashSet<string>();
        foreach (var training in new[] { plain.Training, plain.Training with { NeftuneNoiseAlpha = 5 }, plain.Training with { LabelSmoothingFactor = 0.1 } })
        {
            await using var first = await one.OpenAsync(SourceRequest.Own(plain with { Training = training }), None);
            await using var second = await two.OpenAsync(SourceRequest.Own(plain with { Training = training }), None);
            var adapter = await TinyJob.Adapter(first);
            var bits = await Bits(first, adapter, 3);
            Assert.Equal(bits, await Bits(second, adapter, 3));
            Assert.True(hashes.Add(bits));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task An_exported_adapter_is_read_as_what_was_trained(MethodSpec method)
    {
        using var folder = new TemporaryFolder();
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec(method)), None);
        var adapter = await TinyJob.Adapter(source);
        await source.ExportAsync(adapter, folder.Path, None);
        var opened = AdapterFolder.Open(folder.Path, Assert.Fail);
        Assert.IsType(method.GetType(), opened.Method);
        await using var reader = await device.OpenAsync(SourceRequest.Own(_job.Spec(opened.Method)), None);
        var layout = (await reader.DescribeAsync(None)).Layout;
        using var again = new TemporaryFolder();
        await reader.ExportAsync(opened.Read(layout), again.Path, None);
        foreach (var name in Directory.GetFiles(folder.Path).Select(Path.GetFileName).Where(name => name != "README.md"))
            Assert.Equal(File.ReadAllBytes(folder.File(name!)), File.ReadAllBytes(again.File(name!)));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_gradient_leaves_no_tensor_behind(MethodSpec method)
    {
        await using var device = _job.Device();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        await using (var source = await device.OpenAsync(SourceRequest.Own(_job.Spec(method)), None))
        {
            var adapter = await TinyJob.Adapter(source);
            await Bits(source, adapter, 0);
            var after = torch.Tensor.TotalCount;
            for (var step = 1; step < 5; step++)
                await Bits(source, adapter, step);
            Assert.Equal(after, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public async Task A_version_of_another_length_is_never_taken_for_zeros()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec(new FullSpec())), None);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => source.GradientAsync(_job.Work(0, 0), ReadOnlyMemory<float>.Empty, new float[1], None));
    }

    private async Task<string> Bits(IStepSource source, float[] adapter, int step)
    {
        var gradient = new float[adapter.Length];
        var result = await source.GradientAsync(_job.Work(step, 0, 1, 2), adapter, gradient, None);
        return $"{result.LossSum:R} {Convert.ToHexString(MemoryMarshal.AsBytes<float>(gradient))}";
    }
}
