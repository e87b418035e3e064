using CsCheck;
using PeftCluster.Cluster.Placement;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Placement;

public sealed class ShardPlacementTests
{
    [Fact]
    public void Every_shard_is_given_once_in_runs_of_neighbours() =>
        Gen.Select(Gen.Int[1, 64], Gen.Double[1, 1_000].Nullable().List[1, 12]).Sample((shards, times) =>
        {
            var runs = ShardPlacement.Of(shards, times);
            Assert.Equal(times.Count, runs.Count);
            Assert.Equal(Enumerable.Range(0, shards), runs.SelectMany(run => Enumerable.Range(run.First, run.End - run.First)));
        });

    [Fact]
    public void Workers_alike_get_equally_much_and_each_few_subtrees()
    {
        var runs = ShardPlacement.Of(8, [40, null, 55, 42]);
        Assert.Equal([(0, 2), (2, 4), (4, 6), (6, 8)], runs);
        var tree = new ReductionTree(8);
        Assert.All(runs, run => Assert.Single(tree.Cover(Enumerable.Range(run.First, run.End - run.First))));
    }

    [Fact]
    public void A_worker_of_a_third_of_the_speed_gets_a_third_of_the_work() =>
        Assert.Equal([(0, 6), (6, 8)], ShardPlacement.Of(8, [100, 300]));

    [Fact]
    public void A_worker_that_was_very_slow_once_still_gets_a_shard_so_that_it_is_measured_again() =>
        Assert.Equal([(0, 1), (1, 4)], ShardPlacement.Of(4, [1_000, 1]));

    [Fact]
    public void More_workers_than_shards_leave_some_without() =>
        Assert.Equal([0, 1, 0, 1], ShardPlacement.Of(2, [null, null, null, null]).Select(run => run.End - run.First));
}
