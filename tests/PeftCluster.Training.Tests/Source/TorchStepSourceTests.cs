using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Source;
using TorchSharp;

namespace PeftCluster.Training.Tests.Source;

/// <summary>The gradient half of the seam on a tiny model.</summary>
public sealed class TorchStepSourceTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TinyJob _job = new();

    public void Dispose() => _job.Dispose();

    [Fact]
    public async Task Describe_needs_no_weights()
    {
        File.Delete(Path.Combine(_job.Folder, "model.safetensors"));
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec()), None);
        var description = await source.DescribeAsync(None);
        Assert.Equal("LoRA r 4 on q_proj, v_proj", description.Method);
        Assert.Equal("llama", description.Architecture);
        Assert.Equal(2 * 4 * (32 + 32 + 32 + 16), description.TrainedParameters);
        Assert.Equal("cpu:0", device.Device);
    }

    [Fact]
    public async Task One_micro_batch_of_four_rows_equals_four_of_one_row()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec(new LoraSpec { R = 4, TargetModules = ["all-linear"] })), None);
        var adapter = await TinyJob.Adapter(source);
        var (together, result) = await Gradient(source, adapter, _job.Work(0, 3, 1, 8, 5));
        var sum = new float[together.Length];
        var loss = 0.0;
        foreach (var row in new[] { 3, 1, 8, 5 })
        {
            var (one, part) = await Gradient(source, adapter, _job.Work(0, row));
            loss += part.LossSum;
            for (var index = 0; index < sum.Length; index++)
                sum[index] += one[index];
        }
        var largest = together.Max(MathF.Abs);
        Assert.True(largest > 1e-3);
        Assert.True(Enumerable.Range(0, sum.Length).Max(index => MathF.Abs(sum[index] - together[index])) <= 1e-6 * largest + 1e-9);
        Assert.Equal(loss, result.LossSum, 1e-5);
        Assert.Equal(_job.Work(0, 3, 1, 8, 5).MicroBatch.Labels, result.Labels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public async Task Two_workers_at_once_and_a_recomputation_have_the_same_bits(double dropout)
    {
        var spec = _job.Spec(new LoraSpec { R = 4, LoraDropout = dropout });
        await using var one = _job.Device(0);
        await using var two = _job.Device(1);
        await using var first = await one.OpenAsync(SourceRequest.Own(spec), None);
        await using var second = await two.OpenAsync(SourceRequest.Own(spec), None);
        var adapter = await TinyJob.Adapter(first);
        var hashes = new HashSet<string>();
        for (var time = 0; time < 5; time++)
        {
            var both = await Task.WhenAll(Gradient(first, adapter, _job.Work(3, 0, 1, 2)), Gradient(second, adapter, _job.Work(3, 0, 1, 2)));
            hashes.UnionWith(both.Select(Bits));
        }
        Assert.Single(hashes);
        Assert.Equal(dropout > 0, !hashes.Contains(Bits(await Gradient(first, adapter, _job.Work(4, 0, 1, 2)))));
    }

    [Fact]
    public async Task Nothing_labelled_gives_a_zero_leaf()
    {
        await using var device = new TorchSourceFactory(new Training.Native.ComputeDevice(DeviceType.CPU, 0), 1, new MemoryRows([([1, 2, 3], 3), ([4], 1)]));
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec()), None);
        var adapter = await TinyJob.Adapter(source);
        foreach (var rows in new int[][] { [], [0], [0, 1] })
        {
            var (gradient, result) = await Gradient(source, adapter, new GradientWork(0, new(0, rows, 16, 0, 4), 10));
            Assert.All(gradient, value => Assert.Equal(0, value));
            Assert.Equal((0.0, 0), (result.LossSum, result.Labels));
        }
    }

    [Fact]
    public async Task A_token_that_the_model_does_not_have_is_refused_in_one_line()
    {
        await using var device = new TorchSourceFactory(new Training.Native.ComputeDevice(DeviceType.CPU, 0), 1, new MemoryRows([([1, 64, 3], 1)]));
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec()), None);
        var adapter = await TinyJob.Adapter(source);
        var error = await Assert.ThrowsAsync<BadInputException>(() => Gradient(source, adapter, new GradientWork(0, new(0, [0], 16, 2, 3), 2)));
        Assert.Equal("model: the tokenizer gives id 64, but config.json has vocab_size 64. The two belong to different models.", error.Message);
    }

    [Fact]
    public async Task A_gradient_leaves_no_tensor_behind()
    {
        await using var device = _job.Device();
        // What earlier tests left to the collector must not be counted; what this one leaves to it must.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        await using (var source = await device.OpenAsync(SourceRequest.Own(_job.Spec(new LoraSpec { R = 4, LoraDropout = 0.1 })), None))
        {
            var adapter = await TinyJob.Adapter(source);
            await Gradient(source, adapter, _job.Work(0, 0, 1, 2));
            var after = torch.Tensor.TotalCount;
            for (var step = 1; step < 20; step++)
                await Gradient(source, adapter, _job.Work(step, 0, 1, 2));
            Assert.Equal(after, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public async Task Memory_does_not_creep_between_step_200_and_step_2000()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec()), None);
        var adapter = await TinyJob.Adapter(source);
        var gradient = new float[adapter.Length];
        var before = 0L;
        for (var step = 0; step <= 2000; step++)
        {
            await source.GradientAsync(_job.Work(step, step % 12, (step + 5) % 12), adapter, gradient, None);
            if (step == 200)
                before = Environment.WorkingSet;
        }
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 20_000_000);
    }

    [Fact]
    public async Task A_cancelled_gradient_ends_as_cancelled_and_the_next_one_is_whole()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec()), None);
        var adapter = await TinyJob.Adapter(source);
        var wanted = Bits(await Gradient(source, adapter, _job.Work(0, 0, 1)));
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.GradientAsync(_job.Work(0, 0, 1), adapter, new float[adapter.Length], stop.Token));
        Assert.Equal(wanted, Bits(await Gradient(source, adapter, _job.Work(0, 0, 1))));
    }

    [Fact]
    public async Task Padding_of_the_vector_has_no_gradient()
    {
        await using var device = _job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(_job.Spec(new LoraSpec { R = 3, TargetModules = ["down_proj"] })), None);
        var layout = (await source.DescribeAsync(None)).Layout;
        Assert.True(layout.Length > layout.Parameters);
        var gradient = new float[layout.Length];
        Array.Fill(gradient, 7);
        var adapter = await TinyJob.Adapter(source);
        await source.GradientAsync(_job.Work(0, 0, 1), adapter, gradient, None);
        var inside = layout.Slices.SelectMany(slice => Enumerable.Range(slice.Offset, slice.Length)).ToHashSet();
        Assert.All(Enumerable.Range(0, layout.Length).Where(index => !inside.Contains(index)), index => Assert.Equal(0, gradient[index]));
    }

    private static async Task<(float[] Gradient, LeafResult Result)> Gradient(IStepSource source, float[] adapter, GradientWork work)
    {
        var gradient = new float[adapter.Length];
        return (gradient, await source.GradientAsync(work, adapter, gradient, None));
    }

    private static string Bits((float[] Gradient, LeafResult Result) leaf) =>
        $"{leaf.Result.LossSum:R} {Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(leaf.Gradient))}";
}
