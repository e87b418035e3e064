using System.Security.Cryptography;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Schedules;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>What a simulated job is about.</summary>
internal enum JobKind
{
    /// <summary>Measured before and after only.</summary>
    Plain,

    /// <summary>Every version is measured, and the best one is the result.</summary>
    Best,

    /// <summary>As <see cref="Best"/>, and the first version that is no better ends it.</summary>
    Stopped,

    /// <summary>Every other leaf is audited.</summary>
    Audited,

    /// <summary>As <see cref="Best"/>, of averages.</summary>
    Averaged,

    /// <summary>As <see cref="Best"/>, and ranks are pruned on the way.</summary>
    Pruned,

    /// <summary>As <see cref="Stopped"/>, every leaf audited, and one worker lies.</summary>
    Lied,
}

/// <summary>What a job must come to.</summary>
/// <param name="Sha256">Of the exported adapter's file.</param>
/// <param name="Steps">Committed steps.</param>
/// <param name="End">Why it ends.</param>
/// <param name="Best">The best version, where versions are compared.</param>
internal sealed record Expected(string Sha256, int Steps, EndReason End, int? Best);

/// <summary>The jobs that are simulated, and what each must come to: computed here by one plain loop, without any cluster.</summary>
internal static class SimulatedJobs
{
    public static JobSpec Of(int shards, JobKind kind = JobKind.Plain, int steps = 6) => new()
    {
        Name = "simulated",
        Model = "/models/none",
        Data = new DataSpec { Train = "/data/train.jsonl", Eval = "/data/eval.jsonl" },
        Method = kind == JobKind.Pruned ? new AdaloraSpec() : new LoraSpec(),
        Training = new TrainingSpec
        {
            MaxSteps = steps,
            MicroBatches = shards,
            MicroBatchSize = 2,
            SaveSteps = 2,
            Seed = 11,
            // Far too high where versions are compared, so that the last one is not the best.
            LearningRate = kind is JobKind.Plain or JobKind.Audited ? 0.05 : 0.3,
            LrSchedulerType = kind is JobKind.Plain or JobKind.Audited ? LrSchedulerType.Linear : LrSchedulerType.Constant,
            EvalSteps = kind is JobKind.Plain or JobKind.Audited ? null : 1,
            LoadBestModelAtEnd = kind is not (JobKind.Plain or JobKind.Audited),
            EarlyStoppingPatience = kind is JobKind.Stopped or JobKind.Lied ? 1 : null,
            EmaDecay = kind == JobKind.Averaged ? 0.9 : null,
            AuditFraction = kind switch { JobKind.Audited => 0.5, JobKind.Lied => 1, _ => 0 },
        },
        Evaluation = new EvaluationSpec { Shots = [0], BatchSize = 3 },
        Output = new OutputSpec { Folder = "/runs/simulated" },
    };

    /// <summary>The made-up adapter of a job: for <see cref="JobKind.Pruned"/> two layers of ranks 4 and 3, of which 4 are left after step 5 of 6.</summary>
    public static ArithmeticShape ShapeOf(JobSpec job) => job.Method is not AdaloraSpec ? new ArithmeticShape() : new ArithmeticShape
    {
        SliceLengths = [12, 20, 4, 21, 9, 3],
        Allocation = new RankAllocation([new RankTriplet(0, 1, 2), new RankTriplet(3, 4, 5)], 2, FirstStep: 1, FinalSteps: 1, Interval: 2, TotalSteps: 6, 0.85, 0.85),
    };

    public static async Task<Expected> ExpectedAsync(JobSpec job)
    {
        var shape = ShapeOf(job);
        await using var source = new ArithmeticSource(job.Training.Seed, shape);
        var planner = new StepPlanner(job.Training, Simulation.Rows);
        var adapter = new float[shape.Layout.Length];
        await source.InitialiseAsync(adapter, CancellationToken.None);
        var state = new AdapterState(shape.Layout, job.Training, 0, adapter, shape.Allocation);
        var sum = new TreeSum(new ReductionTree(job.Training.MicroBatches), adapter.Length);
        var gradient = new float[adapter.Length];
        (int Version, double Loss, float[] Adapter)? best = null;
        for (var step = 0; step < planner.TotalSteps; step++)
        {
            var plan = planner.For(step);
            foreach (var batch in plan.MicroBatches)
            {
                await source.GradientAsync(new GradientWork(step, batch, plan.Denominator), state.Adapter, gradient, CancellationToken.None);
                sum.Add(TreeNode.Leaf(batch.Shard), [LeafHash.Of(gradient)], gradient);
            }
            state.Advance(new LearningRateSchedule(job.Training, planner.TotalSteps), sum.Result);
            sum.Clear();
            if (job.Training.EvalSteps is null)
                continue;
            var loss = await LossAsync(source, state.Result);
            if (best is null || loss < best.Value.Loss)
                best = (step + 1, loss, state.Result.ToArray());
            else if (job.Training.EarlyStoppingPatience is not null && step + 1 < planner.TotalSteps)
                return new Expected(await Sha256Async(source, best.Value.Adapter), step + 1, EndReason.EarlyStopped, best.Value.Version);
        }
        return new Expected(await Sha256Async(source, best?.Adapter ?? state.Result), planner.TotalSteps, EndReason.AllStepsDone, best?.Version);
    }

    private static async Task<double> LossAsync(ArithmeticSource source, ReadOnlyMemory<float> adapter)
    {
        var rows = await source.EvaluateAsync(new EvaluationWork([.. Enumerable.Range(0, Simulation.HeldOutRows)], 0), adapter, CancellationToken.None);
        return rows.Sum(row => row.LossSum) / rows.Sum(row => row.Labels);
    }

    private static async Task<string> Sha256Async(ArithmeticSource source, ReadOnlyMemory<float> adapter)
    {
        var folder = Directory.CreateTempSubdirectory("peft-expected-").FullName;
        await source.ExportAsync(adapter, folder, CancellationToken.None);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "adapter_model.safetensors"))));
        Directory.Delete(folder, recursive: true);
        return sha256;
    }
}
