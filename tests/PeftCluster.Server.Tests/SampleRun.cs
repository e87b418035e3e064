using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Tests;

/// <summary>A made-up run of 24 steps as its events tell it, for whatever watches runs. Tests of the command line use it too.</summary>
internal static class SampleRun
{
    public const int Steps = 24;

    public const string Sha256 = "91b2a70dbd4b0c0c47bb3ab2c47a2b6f0a4cf7ffb1d1ae0d2c4f8e6f19a5d001";

    public static RunHeader Header(string folder) => new(
        new JobSpec
        {
            Name = "support-tone",
            Model = "/models/base",
            Data = new DataSpec { Train = "/data/train.jsonl", Eval = "/data/heldout.jsonl" },
            Method = new LoraSpec { R = 8 },
            Output = new OutputSpec { Folder = folder },
        },
        "job.yaml",
        new NodeFacts("127.0.0.1:41733", ["cpu:0", "cpu:1"], 1, "cpu avx512; AuthenticAMD family 25 model 1; MKL_CBWR=AVX2; 1 thread(s); libtorch 2.10.0"),
        new BaseFacts(7_600_000, "3f9c5a1b6e7d80c2a4b6c8d0e2f40618293a4b5c6d7e8f90123456789abcdef0"),
        new PreparationReport(new SetReport(256, 0, 3, 9_000, 2_800, 61), new SetReport(64, 0, 0, 2_000, 700, 58), 0, []));

    public static RunStarted Started(int attempt = 1, int firstStep = 0) => new(
        "01JD0000000000000000000000", attempt, firstStep, Steps,
        new SourceDescription(
            VectorLayout.Of([("layers.0.q_proj.lora_A.weight", [8L, 512L], new ParameterGroup()), ("layers.0.q_proj.lora_B.weight", [512L, 8L], new ParameterGroup())]),
            8_192, 1_950_000, "LoRA r 8 on q_proj, v_proj", "llama"),
        ["worker 1", "worker 2"]);

    public static StepCommitted Step(int step) => new(
        step, Steps, (step + 1) / 8.0, 2.3 * Math.Exp(-step / 8.0) + 0.05, 2e-3 * (Steps - step) / Steps, 1.2 / (1 + step * 0.2), 1_120, 0.33,
        [new WorkerShare("worker 1", [0, 1], 41), new WorkerShare("worker 2", [2, 3], 43)]);

    /// <summary>A step that learnt from answer choices.</summary>
    public static StepCommitted Choosing(int step) => Step(step) with { Choices = new ChoiceLosses(1.5, -0.25, 0.75) };

    public static EvaluationDone Measured(bool adapter, int shots, double exactMatch) =>
        new(new EvaluationTarget(adapter, shots), new EvaluationMetrics(adapter ? 0.07 : 2.31, exactMatch, 21 + 37 * shots, 64));

    public static RunEnded Ended(JobPhase phase = JobPhase.Completed, int steps = Steps) => phase == JobPhase.Completed
        ? new(phase, "all steps are done", steps, "/runs/support-tone/adapter", Sha256, 0.182)
        : new(phase, phase == JobPhase.Paused ? "paused by the user" : "worker 1 and worker 2 both failed", steps, null, null, 0.9);

    /// <summary>A run that measures every fourth version, finds the eighth best and stops after the sixteenth.</summary>
    public static IEnumerable<RunEvent> StoppedEarly()
    {
        yield return Started();
        for (var step = 0; step < 16; step++)
        {
            yield return Step(step);
            if (step % 4 == 3)
                yield return Version(step + 1);
        }
        yield return new RunEnded(
            JobPhase.Completed, "stopped early after step 16: 2 measurements in a row did not improve on loss 0.25 of step 8", 16, "/runs/support-tone/adapter", Sha256, 0.4)
        {
            End = EndReason.EarlyStopped,
            Best = new BestVersion(8, "loss", 0.25, "best-00000008.safetensors", Sha256),
            AdapterVersion = 8,
        };
    }

    public static EvaluationDone Version(int step) =>
        new(new EvaluationTarget(true, 0), new EvaluationMetrics(0.25 + Math.Abs(step - 8) / 16.0, 0.5, 21, 64), step);

    /// <summary>A run that measures rows with answer choices under three templates, and trains nothing.</summary>
    public static IEnumerable<RunEvent> MeasuredOnly()
    {
        yield return Started() with { TotalSteps = 0 };
        yield return Ranked(0, new ChoiceMetrics(0.553, [[21, 11], [16, 16]], [0.5, 0.625, 0.6], 0.6, 0.55, 0.6125));
        yield return Ranked(4, new ChoiceMetrics(0.702, [[22, 10], [9, 23]], [0.65, 0.7, 0.75], 0.7, 0.675, 0.725));
        yield return new RunEnded(JobPhase.Completed, "measured, and nothing was to be trained (training.max_steps: 0)", 0, null, null, null) { End = EndReason.AllStepsDone };
    }

    private static EvaluationDone Ranked(int shots, ChoiceMetrics choices) => new(new EvaluationTarget(false, shots), new EvaluationMetrics(1.5, choices.Median, 21 + 37 * shots, 64, null, choices));

    public static IEnumerable<RunEvent> Whole()
    {
        yield return Started();
        yield return Measured(adapter: false, 0, 0.045);
        yield return Measured(adapter: false, 1, 0.07);
        yield return Measured(adapter: false, 5, 0.125);
        for (var step = 0; step < Steps; step++)
            yield return Step(step);
        yield return new SnapshotWritten(Steps, "/runs/support-tone/snapshot-24");
        yield return Measured(adapter: true, 0, 0.96);
        yield return Ended();
    }
}
