using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>What is decided between two steps, when, and what must be on disk before.</summary>
public sealed class StepMachineDecisionTests
{
    [Fact]
    public void A_version_is_measured_before_its_step_is_sent_and_the_result_lies_in_that_steps_record()
    {
        var run = new MachineRun(evalSteps: 2).Begin().Step(0);
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Step(1);
        Assert.Equal((RunPhase.MeasuringVersion, 2), (run.Phase, run.Version));
        Assert.All(run.Those<RunEffect.SendBatch>(), batch => Assert.Equal((2, new EvaluationTarget(true, 0)), (batch.Version, batch.Target)));
        Assert.Empty(run.Those<RunEffect.SendStep>());
        run.Measured(0, 0.5).Give(Kept(2));
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Step(2);
        Assert.Equal([typeof(Measured), typeof(BestVersion)], run.Those<RunEffect.KeepRecord>().Single().Summary.Decisions.Select(decision => decision.GetType()));
        Assert.Equal(RunPhase.Computing, run.Phase);
    }

    [Fact]
    public void A_best_version_is_decided_on_only_when_its_file_is_on_disk()
    {
        var run = new MachineRun(evalSteps: 1).Begin().Step(0).Measured(0, 0.5);
        Assert.Equal((RunPhase.KeepingBest, new RunEffect.KeepBest(1)), (run.Phase, Assert.Single(run.Those<RunEffect.KeepBest>())));
        Assert.Empty(run.Those<RunEffect.SendStep>());
        run.Give(Kept(7)); // Of another version: not what is waited for.
        Assert.Equal(RunPhase.KeepingBest, run.Phase);
        run.Give(Kept(1));
        Assert.Equal(RunPhase.Computing, run.Phase);
        Assert.Equal(RunPhase.Computing, run.Step(1).Measured(1, 0.6).Phase); // Not better: no file.
    }

    [Fact]
    public void An_early_stop_is_on_disk_before_anything_is_exported()
    {
        var run = new MachineRun(evalSteps: 1, patience: 1).Begin().Step(0).Measured(0, 0.5).Give(Kept(1)).Step(1).Measured(1, 0.6);
        Assert.Equal(RunPhase.Closing, run.Phase);
        var kept = Assert.Single(run.Those<RunEffect.KeepDecisions>());
        Assert.Equal(new EarlyStop(2, 1), kept.Decisions[^1]);
        Assert.Empty(run.Those<RunEffect.AskExport>());
        run.Give(new RunInput.DecisionsKept(2));
        Assert.Equal(2, Assert.Single(run.Those<RunEffect.AskExport>()).Version);
        run.Give(new RunInput.ExportCame("cpu:0", "adapter", "sha")).Give(new RunInput.SnapshotKept(2, "snapshot"));
        run.Give(new RunInput.WorkerReleased("cpu:0")).Give(new RunInput.WorkerReleased("cpu:1"));
        Assert.Equal(
            (JobPhase.Completed, EndReason.EarlyStopped, "stopped early after step 2: 1 measurements in a row did not improve on loss 0.5 of step 1", 2, "adapter"),
            (run.Ended!.Phase, run.Ended.End, run.Ended.Reason, run.Ended.AdapterVersion, run.Ended.AdapterFolder));
    }

    [Fact]
    public void The_best_version_is_published_under_a_number_that_is_no_versions_before_it_is_exported()
    {
        var run = new MachineRun(steps: 2, evalSteps: 1, loadBest: true).Begin().Step(0).Measured(0, 0.5).Give(Kept(1)).Step(1).Measured(1, 0.6).Give(new RunInput.DecisionsKept(2));
        var published = Assert.Single(run.Those<RunEffect.PublishResult>());
        Assert.Equal((1, -2), (published.Best!.Version, published.Number));
        Assert.Empty(run.Those<RunEffect.AskExport>());
        Assert.Empty(run.Give(new RunInput.WorkerLost("cpu:0", "killed")).Those<RunEffect.AskExport>()); // Not before it can be fetched.
        run.Give(new RunInput.ResultPublished(-2));
        Assert.Equal(("cpu:1", -2), (Assert.Single(run.Those<RunEffect.AskExport>()).Worker, run.Those<RunEffect.AskExport>().Single().Version));
    }

    [Fact]
    public void Where_the_average_is_the_result_it_is_published_before_it_is_measured_and_before_it_is_exported()
    {
        var run = new MachineRun(steps: 1, evalSteps: 1, averages: true).Begin().Step(0);
        Assert.Equal((RunPhase.MeasuringAdapter, -2), (run.Phase, Assert.Single(run.Those<RunEffect.PublishResult>()).Number));
        Assert.Empty(run.Those<RunEffect.SendBatch>());
        run.Give(new RunInput.ResultPublished(-2));
        Assert.All(run.Those<RunEffect.SendBatch>(), batch => Assert.Equal(-2, batch.Version));
        Assert.NotEmpty(run.Those<RunEffect.SendBatch>());
        run.Measured(0, 0.5).Give(Kept(1)).Give(new RunInput.DecisionsKept(1));
        Assert.Equal((RunPhase.Exporting, -2), (run.Phase, Assert.Single(run.Those<RunEffect.PublishResult>()).Number));
        Assert.Empty(run.Those<RunEffect.AskExport>());
        run.Give(new RunInput.ResultPublished(-2));
        Assert.Equal(-2, Assert.Single(run.Those<RunEffect.AskExport>()).Version);
    }

    [Fact]
    public void A_pause_in_a_measurement_takes_effect_at_once()
    {
        var run = new MachineRun(evalSteps: 1).Begin().Step(0);
        Assert.Equal(RunPhase.MeasuringVersion, run.Phase);
        Assert.Equal(RunPhase.Saving, run.Give(new RunInput.PauseAsked()).Phase);
    }

    [Fact]
    public void A_worker_lost_in_a_measurement_costs_its_batch_only()
    {
        var run = new MachineRun(evalSteps: 1).Begin().Step(0).Give(new RunInput.WorkerLost("cpu:1", "killed"));
        run.Measured(0, 0.5);
        Assert.Equal(RunPhase.MeasuringVersion, run.Phase); // cpu:1 cannot have measured anything.
    }

    private static RunInput.BestKept Kept(int version) => new(version, $"best-{version:D8}.safetensors", "sha");
}
