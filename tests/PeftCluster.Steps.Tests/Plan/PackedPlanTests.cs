using CsCheck;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

/// <summary>Rows that share padded rows.</summary>
public sealed class PackedPlanTests
{
    private const int Room = 64;

    private static readonly Gen<(TrainingSpec Training, ListedRows Rows)> Jobs =
        Gen.Select(Gen.Int[1, Room].Array[1, 300], Gen.Int[1, 5], Gen.Int[1, 6], Gen.Long[0, long.MaxValue], (lengths, size, batches, seed) =>
            (new TrainingSpec { MicroBatchSize = size, MicroBatches = batches, Seed = seed }, new ListedRows(lengths)));

    [Fact]
    public void In_each_epoch_every_row_comes_exactly_once_from_its_own_shard() =>
        Jobs.Sample(job =>
        {
            var planner = new StepPlanner(job.Training, job.Rows, Room);
            var shards = ShardAssignment.Of(job.Rows.Count, job.Training.MicroBatches, job.Training.Seed);
            for (var epoch = 0; epoch < 2; epoch++)
            {
                var batches = Epoch(planner, epoch);
                Assert.Equal(Enumerable.Range(0, job.Rows.Count), batches.SelectMany(batch => batch.Rows).Order());
                Assert.All(batches, batch => Assert.Empty(batch.Rows.Except(shards[batch.Shard])));
            }
        }, iter: 100);

    [Fact]
    public void Rows_stand_behind_one_another_and_none_reaches_into_the_next() =>
        Jobs.Sample(job =>
        {
            foreach (var batch in Epoch(new StepPlanner(job.Training, job.Rows, Room), 0).Where(batch => batch.Rows.Count > 0))
            {
                Assert.Equal(batch.Rows.Select(job.Rows.Length), batch.Packing!.Select(place => place.Length));
                Assert.InRange(batch.PaddedRows, 1, job.Training.MicroBatchSize);
                Assert.Equal(Enumerable.Range(0, batch.PaddedRows), batch.Packing!.Select(place => place.Row).Distinct());
                Assert.InRange(batch.PaddedLength, 1, Room);
                foreach (var row in batch.Packing!.GroupBy(place => place.Row))
                {
                    var end = 0;
                    Assert.All(row, place => Assert.Equal((end, end += place.Length), (place.Start, place.Start + place.Length)));
                    Assert.InRange(end, 1, batch.PaddedLength);
                }
            }
        }, iter: 100);

    [Fact]
    public void Each_row_goes_where_the_least_room_stays()
    {
        int[] lengths = [30, 20, 34, 44, 10, 20];

        var packs = BestFitPacking.Of([0, 1, 2, 3, 4, 5], row => lengths[row], Room);

        Assert.Equal(["3 1", "2 0", "5 4"], packs.Select(pack => string.Join(' ', pack)));
    }

    [Fact]
    public void Of_many_short_rows_nearly_nothing_is_padding()
    {
        var rows = new ListedRows([.. Enumerable.Range(0, 4000).Select(row => 1 + row * 31 % Room)]);

        var batches = Epoch(new StepPlanner(new TrainingSpec { MicroBatchSize = 4 }, rows, Room), 0);

        Assert.InRange(batches.Sum(batch => (double)batch.Tokens) / batches.Sum(batch => (double)batch.PaddedRows * batch.PaddedLength), 0.97, 1);
    }

    [Fact]
    public void The_order_of_packed_rows_is_drawn_for_each_epoch_and_what_stands_together_is_not()
    {
        var planner = new StepPlanner(new TrainingSpec { MicroBatchSize = 1, MicroBatches = 2 }, new ListedRows([.. Enumerable.Range(0, 60).Select(row => 5 + row % 30)]), Room);
        string[] Packs(int epoch) => [.. Epoch(planner, epoch).Select(batch => string.Join(' ', batch.Rows))];

        Assert.NotEqual(Packs(0), Packs(1));
        Assert.Equal(Packs(0).Order(), Packs(1).Order());
    }

    [Fact]
    public void A_plans_hash_tells_packed_rows_from_those_that_stand_alone()
    {
        MicroBatch alone = new(0, [3, 4], 16, 8, 10), packed = alone with { Packing = [new(0, 0, 5), new(0, 5, 5)] }, otherwise = alone with { Packing = [new(0, 0, 5), new(1, 0, 5)] };

        Assert.Equal(3, new[] { alone, packed, otherwise }.Select(batch => PlanHash.Of(new StepPlan(0, 0, [batch], 8))).Distinct().Count());
    }

    private static MicroBatch[] Epoch(StepPlanner planner, int epoch) =>
        [.. Enumerable.Range(epoch * planner.StepsPerEpoch, planner.StepsPerEpoch).SelectMany(step => planner.For(step).MicroBatches)];
}
