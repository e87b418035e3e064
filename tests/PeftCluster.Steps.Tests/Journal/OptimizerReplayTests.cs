using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Tests.Seam;

namespace PeftCluster.Steps.Tests.Journal;

/// <summary>A run is taken up again to the bit whatever its optimizer keeps: two vectors, one, one of another length, or none.</summary>
public sealed class OptimizerReplayTests
{
    private const int Steps = 6;

    public static TheoryData<OptimizerType, double, LrSchedulerType> Cases => new()
    {
        { OptimizerType.Adamw, 0, LrSchedulerType.OneCycle },
        { OptimizerType.Adamw, 0, LrSchedulerType.WarmupStableDecay },
        { OptimizerType.Sgd, 0, LrSchedulerType.Polynomial },
        { OptimizerType.Sgd, 0.9, LrSchedulerType.OneCycle },
        { OptimizerType.Adafactor, 0, LrSchedulerType.InverseSqrt },
        { OptimizerType.Adafactor, 0.9, LrSchedulerType.CosineWithRestarts },
    };

    [Theory, MemberData(nameof(Cases))]
    public void From_a_snapshot_on_disk_the_last_version_is_reached_to_the_bit(OptimizerType optimizer, double momentum, LrSchedulerType schedule)
    {
        var run = new MadeUpRun(5, Steps, training: training => training with
        {
            Optim = optimizer,
            LrSchedulerType = schedule,
            WarmupSteps = schedule == LrSchedulerType.OneCycle ? 0 : 1,
            Sgd = new SgdSpec { Momentum = momentum },
            Adafactor = new AdafactorSpec { Beta1 = momentum > 0 ? momentum : null },
        });
        var journal = new List<(JournalEntry Entry, SummedGradient Gradient)>();
        using var file = new MemoryStream();
        for (var step = 0; step < Steps; step++)
        {
            if (step == 2)
                SnapshotCodec.Write(file, Snapshot.Of(run.State, run.Chain, MadeUpRun.JobDigest));
            var (_, gradient, entry) = run.Step();
            var reader = new JournalReader(new MemoryStream(gradient));
            Assert.True(reader.Read());
            journal.Add((entry with { Record = CommitRecordCodec.Decode(CommitRecordCodec.Encode(entry.Record)) }, JournalCodec.DecodeGradient(reader.Payload)));
        }
        file.Position = 0;
        var replay = new JournalReplay(SnapshotCodec.Read(file, "snapshot"), run.Layout, run.Training);
        foreach (var (entry, gradient) in journal.Skip(2))
            Assert.Null(replay.Advance(entry, gradient));
        Assert.Equal((Steps, run.Chain), (replay.State.Version, replay.Chain));
        Assert.True(replay.State.Adapter.Span.SequenceEqual(run.State.Adapter.Span));
        Assert.True(replay.State.FirstMoment.Span.SequenceEqual(run.State.FirstMoment.Span));
        Assert.True(replay.State.SecondMoment.Span.SequenceEqual(run.State.SecondMoment.Span));
    }

    [Fact]
    public void A_snapshot_of_another_optimizer_is_refused()
    {
        var run = new MadeUpRun(5, Steps);
        run.Step();
        var snapshot = Snapshot.Of(run.State, run.Chain, MadeUpRun.JobDigest);
        Assert.Throws<ArgumentException>(() => snapshot.State(run.Layout, run.Training with { Optim = OptimizerType.Sgd }));
    }
}
