using PeftCluster.Jobs;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Tests.Seam;

namespace PeftCluster.Steps.Tests.Journal;

public sealed class JournalReplayTests
{
    private const int Steps = 8;

    private readonly MadeUpRun _run = new(5, Steps);
    private readonly List<Snapshot> _versions = [];
    private readonly List<(JournalEntry Entry, SummedGradient Gradient)> _journal = [];

    public JournalReplayTests()
    {
        _versions.Add(Snapshot.Of(_run.State, _run.Chain, MadeUpRun.JobDigest));
        for (var step = 0; step < Steps; step++)
        {
            var (_, gradient, entry) = _run.Step();
            var reader = new JournalReader(new MemoryStream(gradient));
            Assert.True(reader.Read());
            _journal.Add((entry, JournalCodec.DecodeGradient(reader.Payload)));
            _versions.Add(Snapshot.Of(_run.State, _run.Chain, MadeUpRun.JobDigest));
        }
    }

    [Fact]
    public void From_any_snapshot_every_later_version_is_reached_to_the_bit()
    {
        for (var from = 0; from <= Steps; from++)
        {
            var replay = new JournalReplay(_versions[from], _run.Layout, _run.Training);
            for (var step = from; step < Steps; step++)
            {
                Assert.Null(replay.Advance(_journal[step].Entry, _journal[step].Gradient));
                Assert.Equal(Bytes(_versions[step + 1]), Bytes(Snapshot.Of(replay.State, replay.Chain, MadeUpRun.JobDigest)));
            }
        }
    }

    [Fact]
    public void The_recorded_scalars_count_and_not_the_hosts()
    {
        // A replay on a host whose schedule gave other rates must use the recorded ones.
        var replay = new JournalReplay(_versions[0], _run.Layout, _run.Training with { LearningRate = 9, WarmupSteps = 7 });
        Assert.Null(replay.Advance(_journal[0].Entry, _journal[0].Gradient));
        Assert.Null(replay.Advance(_journal[1].Entry, _journal[1].Gradient));
        Assert.Equal(Bytes(_versions[2]), Bytes(Snapshot.Of(replay.State, replay.Chain, MadeUpRun.JobDigest)));
    }

    [Fact]
    public void What_does_not_fit_is_said_and_leaves_the_state()
    {
        var replay = new JournalReplay(_versions[2], _run.Layout, _run.Training);
        var (entry, gradient) = _journal[2];
        var changed = gradient.Vector.ToArray();
        changed[1] += 1;
        Assert.Contains("step 2 is next", replay.Advance(_journal[3].Entry, _journal[3].Gradient), StringComparison.Ordinal);
        Assert.Contains("layout", replay.Advance(entry, gradient with { LayoutHash = "other" }), StringComparison.Ordinal);
        Assert.Contains("hash", replay.Advance(entry, gradient with { Vector = changed }), StringComparison.Ordinal);
        Assert.Contains("chain", replay.Advance(entry with { Record = entry.Record with { LossSum = 3 } }, gradient), StringComparison.Ordinal);
        Assert.Null(replay.Advance(entry, gradient));
        Assert.Equal(Bytes(_versions[3]), Bytes(Snapshot.Of(replay.State, replay.Chain, MadeUpRun.JobDigest)));
    }

    [Fact]
    public void Another_optimizer_than_the_records_is_found_out()
    {
        var replay = new JournalReplay(_versions[2], _run.Layout, _run.Training with { WeightDecay = 0.5 });
        Assert.Throws<InvalidDataException>(() => replay.Advance(_journal[2].Entry, _journal[2].Gradient));
    }

    [Fact]
    public void A_snapshot_survives_its_file()
    {
        var bytes = Bytes(_versions[4]);
        var read = SnapshotCodec.Read(new MemoryStream(bytes), "snapshot");
        Assert.Equal((4, _versions[4].Chain, MadeUpRun.JobDigest, _run.Layout.Hash), (read.Version, read.Chain, read.JobDigest, read.LayoutHash));
        Assert.Equal(bytes, Bytes(read));
    }

    [Fact]
    public void A_snapshot_cut_or_changed_anywhere_is_refused()
    {
        var bytes = Bytes(_versions[4]);
        for (var place = 0; place < bytes.Length; place++)
        {
            Assert.Throws<BadInputException>(() => SnapshotCodec.Read(new MemoryStream(bytes[..place]), "snapshot"));
            var changed = (byte[])bytes.Clone();
            changed[place] ^= 1;
            try
            {
                // The header's JSON may say the same in other bytes (a space for another white space): then nothing was lost.
                Assert.Equal(bytes, Bytes(SnapshotCodec.Read(new MemoryStream(changed), "snapshot")));
            }
            catch (BadInputException)
            {
            }
        }
    }

    [Fact]
    public void A_snapshot_of_another_layout_is_refused() =>
        Assert.Throws<InvalidDataException>(() => (_versions[0] with { LayoutHash = "other" }).State(_run.Layout, _run.Training));

    private static byte[] Bytes(Snapshot snapshot)
    {
        using var stream = new MemoryStream();
        SnapshotCodec.Write(stream, snapshot);
        return stream.ToArray();
    }
}
