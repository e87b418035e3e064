using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Seam;
using PeftCluster.Steps.Tests.Seam;

namespace PeftCluster.Steps.Tests.Journal;

/// <summary>A run is taken up again to the bit whatever it keeps beside the adapter: two vectors, one, one of another length, none, an average.</summary>
public sealed class OptimizerReplayTests
{
    private const int Steps = 6;

    private JournalReplay? _replay;

    public static TheoryData<OptimizerType, double, LrSchedulerType, double?> Cases => new()
    {
        { OptimizerType.Adamw, 0, LrSchedulerType.OneCycle, null },
        { OptimizerType.Adamw, 0, LrSchedulerType.WarmupStableDecay, 0.9 },
        { OptimizerType.Sgd, 0, LrSchedulerType.Polynomial, null },
        { OptimizerType.Sgd, 0, LrSchedulerType.Polynomial, 0.2 },
        { OptimizerType.Sgd, 0.9, LrSchedulerType.OneCycle, null },
        { OptimizerType.Adafactor, 0, LrSchedulerType.InverseSqrt, null },
        { OptimizerType.Adafactor, 0.9, LrSchedulerType.CosineWithRestarts, 0.9 },
    };

    [Theory, MemberData(nameof(Cases))]
    public void From_a_snapshot_on_disk_the_last_version_is_reached_to_the_bit(OptimizerType optimizer, double momentum, LrSchedulerType schedule, double? average)
    {
        var run = new MadeUpRun(5, Steps, training: training => training with
        {
            Optim = optimizer,
            EmaDecay = average,
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
        Assert.True(replay.State.Result.Span.SequenceEqual(run.State.Result.Span));
        Assert.Equal(average is not null, !run.State.Result.Span.SequenceEqual(run.State.Adapter.Span));
        Assert.Equal(run.State.Vectors.Select(vector => vector.Name), replay.State.Vectors.Select(vector => vector.Name));
        Assert.All(run.State.Vectors.Zip(replay.State.Vectors), pair => Assert.True(pair.First.Values.Span.SequenceEqual(pair.Second.Values.Span)));
    }

    [Fact]
    public void Pruned_ranks_stay_pruned_over_a_snapshot_and_importances_go_on()
    {
        var allocation = new RankAllocation([new RankTriplet(0, 1, 2)], 2, FirstStep: 0, FinalSteps: 2, Interval: 1, TotalSteps: Steps, 0.85, 0.85);
        for (var taken = 1; taken < Steps; taken++)
        {
            var run = new MadeUpRun(5, Steps, new ArithmeticShape { SliceLengths = [12, 20, 4, 5], Allocation = allocation });
            Snapshot? snapshot = null;
            for (var step = 0; step < Steps; step++)
            {
                snapshot = step == taken ? Snapshot.Of(run.State, run.Chain, MadeUpRun.JobDigest) : snapshot;
                var (_, gradient, entry) = run.Step();
                _replay = step == taken ? new JournalReplay(snapshot!, run.Layout, run.Training, allocation) : _replay;
                var reader = new JournalReader(new MemoryStream(gradient));
                Assert.True(reader.Read());
                Assert.Null(step < taken ? null : _replay!.Advance(entry, JournalCodec.DecodeGradient(reader.Payload)));
            }
            Assert.Equal(2, run.State.Adapter.Span.Slice(run.Layout.Slices[2].Offset, 4).ToArray().Count(e => e == 0));
            Assert.All(run.State.Vectors.Zip(_replay!.State.Vectors), pair => Assert.True(pair.First.Values.Span.SequenceEqual(pair.Second.Values.Span)));
            Assert.True(_replay.State.Adapter.Span.SequenceEqual(run.State.Adapter.Span));
        }
    }

    [Fact]
    public void A_snapshot_that_holds_other_vectors_than_the_job_keeps_is_refused()
    {
        var run = new MadeUpRun(5, Steps);
        run.Step();
        var snapshot = Snapshot.Of(run.State, run.Chain, MadeUpRun.JobDigest);
        Assert.Equal("the snapshot holds first_moment [64], second_moment [64] beside the adapter, but the job keeps nothing",
            Assert.Throws<InvalidDataException>(() => snapshot.State(run.Layout, run.Training with { Optim = OptimizerType.Sgd })).Message);
        Assert.Contains("but the job keeps average [64], first", Assert.Throws<InvalidDataException>(() => snapshot.State(run.Layout, run.Training with { EmaDecay = 0.9 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_has_what_the_job_keeps_and_nothing_more()
    {
        Assert.Equal(["first_moment", "second_moment"], Names(training => training));
        Assert.Equal(["first_moment", "second_moment", "average"], Names(training => training with { EmaDecay = 0.9 }));
        Assert.Empty(Names(training => training with { Optim = OptimizerType.Sgd }));
        Assert.Equal(["second_moment"], Names(training => training with { Optim = OptimizerType.Adafactor }));

        static IEnumerable<string> Names(Func<TrainingSpec, TrainingSpec> training) => new MadeUpRun(1, Steps, training: training).State.Vectors.Select(vector => vector.Name);
    }
}
