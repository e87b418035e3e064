using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Steps.Schedules;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Steps.Tests.Seam;

public sealed class ArithmeticSourceTests
{
    private static readonly TrainingSpec Training = new() { LearningRate = 5e-2, MicroBatchSize = 4, MicroBatches = 3, Seed = 7, MaxSteps = 60 };
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StepPlanner _planner = new(Training, new ArithmeticRows(50));

    [Fact]
    public async Task Its_loss_falls_and_its_rows_become_exact_under_adamw()
    {
        var source = await OpenAsync(new ArithmeticShape());
        var adapter = await InitialAsync(source);
        var before = await source.EvaluateAsync(new EvaluationWork([0, 1, 2, 3], 0), adapter, None);
        var losses = await TrainAsync(source, adapter);
        var after = await source.EvaluateAsync(new EvaluationWork([0, 1, 2, 3], 0), adapter, None);
        Assert.True(losses[^1] < 0.2 * losses[0], $"{losses[0]} → {losses[^1]}");
        Assert.DoesNotContain(before, row => row.ExactMatch);
        Assert.All(after, row => Assert.True(row.ExactMatch));
    }

    [Fact]
    public async Task Two_workers_compute_the_same_bits_and_other_seeds_rows_steps_and_adapters_others()
    {
        var source = await OpenAsync(new ArithmeticShape());
        var adapter = await InitialAsync(source);
        var leaf = await LeafAsync(source, 3, 1, adapter);
        Assert.Equal(leaf, await LeafAsync(await OpenAsync(new ArithmeticShape()), 3, 1, adapter));
        Assert.NotEqual(leaf, await LeafAsync(await OpenAsync(new ArithmeticShape(), seed: 8), 3, 1, adapter));
        Assert.NotEqual(leaf, await LeafAsync(source, 3, 2, adapter));
        Assert.NotEqual(leaf, await LeafAsync(source, 4, 1, adapter));
        adapter[1] += 1;
        Assert.NotEqual(leaf, await LeafAsync(source, 3, 1, adapter));
    }

    [Fact]
    public async Task The_gradient_is_the_slope_of_the_loss_divided_by_the_denominator()
    {
        var source = await OpenAsync(new ArithmeticShape { SliceLengths = [3, 2] });
        var adapter = await InitialAsync(source);
        var work = new GradientWork(0, _planner.For(0).MicroBatches[0], 20);
        var gradient = new float[adapter.Length];
        await source.GradientAsync(work, adapter, gradient, None);
        foreach (var i in new[] { 0, 2, 16, 17 })
        {
            var slope = await SlopeAsync(source, work, adapter, i);
            Assert.Equal(slope, gradient[i], tolerance: 1e-3 * Math.Abs(slope));
        }
    }

    [Fact]
    public async Task Padding_is_overwritten_with_zeros_and_an_empty_micro_batch_is_a_zero_leaf()
    {
        var source = await OpenAsync(new ArithmeticShape());
        var adapter = await InitialAsync(source);
        var gradient = Enumerable.Repeat(5f, adapter.Length).ToArray();
        await source.GradientAsync(new GradientWork(0, _planner.For(0).MicroBatches[0], 9), adapter, gradient, None);
        Assert.Equal(37 + 129 + 5, gradient.Count(value => value != 0));
        var result = await source.GradientAsync(new GradientWork(0, new MicroBatch(0, [], 0, 0, 0), 9), adapter, gradient, None);
        Assert.All(gradient, value => Assert.Equal(0, value));
        Assert.Equal(new LeafResult(0, 0, 0), result);
    }

    [Fact]
    public async Task Planted_faults_show_where_they_were_planted_only()
    {
        var good = await OpenAsync(new ArithmeticShape());
        var bad = await OpenAsync(new ArithmeticShape { NotFinite = (1, 0), Flipped = (2, 1), Throws = (3, 2) });
        var adapter = await InitialAsync(good);
        Assert.Equal(await LeafAsync(good, 1, 1, adapter), await LeafAsync(bad, 1, 1, adapter));
        Assert.NotEqual(await LeafAsync(good, 2, 1, adapter), await LeafAsync(bad, 2, 1, adapter));
        await Assert.ThrowsAsync<InvalidOperationException>(() => LeafAsync(bad, 3, 2, adapter));
        var gradient = new float[adapter.Length];
        await bad.GradientAsync(new GradientWork(1, _planner.For(1).MicroBatches[0], 9), adapter, gradient, None);
        Assert.False(Finite.All(gradient));
    }

    [Fact]
    public async Task Its_export_is_a_safetensors_file_of_its_slices()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var source = await OpenAsync(new ArithmeticShape());
        await source.ExportAsync(await InitialAsync(source), folder, None);
        using var file = File.OpenRead(Path.Combine(folder, "adapter_model.safetensors"));
        Assert.Equal([37L, 129L, 5L], SafetensorsHeader.Read(file, "f").Tensors.Select(tensor => tensor.Shape.Single()));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<IStepSource> OpenAsync(ArithmeticShape shape, long seed = 7)
    {
        var job = new JobSpec
        {
            Name = "made up",
            Model = "",
            Data = new DataSpec { Train = "" },
            Method = new LoraSpec(),
            Output = new OutputSpec { Folder = "" },
            Training = Training with { Seed = seed },
        };
        return await new ArithmeticSourceFactory("cpu:0", shape).OpenAsync(SourceRequest.Own(job), None);
    }

    private static async Task<float[]> InitialAsync(IStepSource source)
    {
        var adapter = new float[(await source.DescribeAsync(None)).Layout.Length];
        await source.InitialiseAsync(adapter, None);
        return adapter;
    }

    private async Task<UInt128> LeafAsync(IStepSource source, int step, int shard, float[] adapter)
    {
        var gradient = new float[adapter.Length];
        await source.GradientAsync(new GradientWork(step, _planner.For(step).MicroBatches[shard], 9), adapter, gradient, None);
        return LeafHash.Of(gradient);
    }

    private async Task<double[]> TrainAsync(IStepSource source, float[] adapter)
    {
        var layout = (await source.DescribeAsync(None)).Layout;
        var optimizer = new AdamW(layout, Training);
        var schedule = new LearningRateSchedule(Training, _planner.TotalSteps);
        var sum = new TreeSum(new ReductionTree(Training.MicroBatches), layout.Length);
        var (losses, gradient) = (new double[_planner.TotalSteps], new float[layout.Length]);
        for (var step = 0; step < losses.Length; step++, sum.Clear())
        {
            var plan = _planner.For(step);
            foreach (var batch in plan.MicroBatches)
            {
                var leaf = await source.GradientAsync(new GradientWork(step, batch, plan.Denominator), adapter, gradient, None);
                losses[step] += leaf.LossSum / plan.Denominator;
                sum.Add(TreeNode.Leaf(batch.Shard), [LeafHash.Of(gradient)], gradient);
            }
            optimizer.Apply(StepScalars.Of(Training, schedule, step), sum.Result, 1, adapter);
        }
        return losses;
    }

    private static async Task<double> SlopeAsync(IStepSource source, GradientWork work, float[] adapter, int i)
    {
        const float change = 1f / 64;
        var (up, down, scratch) = ((float[])adapter.Clone(), (float[])adapter.Clone(), new float[adapter.Length]);
        (up[i], down[i]) = (up[i] + change, down[i] - change);
        var higher = await source.GradientAsync(work, up, scratch, None);
        var lower = await source.GradientAsync(work, down, scratch, None);
        return (higher.LossSum - lower.LossSum) / ((double)up[i] - down[i]) / work.Denominator;
    }
}
