using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Schedules;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>The jobs that are simulated, and what each must come to: computed here by one plain loop, without any cluster.</summary>
internal static class SimulatedJobs
{
    public static JobSpec Of(int shards, int steps = 6) => new()
    {
        Name = "simulated",
        Model = "/models/none",
        Data = new DataSpec { Train = "/data/train.jsonl", Eval = "/data/eval.jsonl" },
        Method = new LoraSpec(),
        Training = new TrainingSpec { MaxSteps = steps, MicroBatches = shards, MicroBatchSize = 2, SaveSteps = 2, Seed = 11, LearningRate = 0.05 },
        Evaluation = new EvaluationSpec { Shots = [0], BatchSize = 3 },
        Output = new OutputSpec { Folder = "/runs/simulated" },
    };

    /// <summary>The hash of the trained adapter.</summary>
    public static async Task<UInt128> ExpectedAsync(JobSpec job)
    {
        var shape = new ArithmeticShape();
        await using var source = new ArithmeticSource(job.Training.Seed, shape);
        var planner = new StepPlanner(job.Training, Simulation.Rows);
        var adapter = new float[shape.Layout.Length];
        await source.InitialiseAsync(adapter, CancellationToken.None);
        var state = new AdapterState(shape.Layout, job.Training, 0, adapter);
        var sum = new TreeSum(new ReductionTree(job.Training.MicroBatches), adapter.Length);
        var gradient = new float[adapter.Length];
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
        }
        return LeafHash.Of(state.Adapter.Span);
    }
}
