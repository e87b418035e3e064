using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Tests.Seam;

/// <summary>The machines' arithmetic under random schedules: workers of any number, lost and repeated messages, any order.</summary>
public sealed class SameBitsTests
{
    private const int Shards = 7, Steps = 5;

    [Fact]
    public void A_thousand_schedules_give_one_hash()
    {
        var hashes = new HashSet<UInt128>();
        for (var seed = 0; seed < 1_000; seed++)
            hashes.Add(Hash(seed, tree => new TreeSum(tree, Length)));
        Assert.Equal(Expected(), Assert.Single(hashes));
    }

    [Fact]
    public void Adding_in_order_of_arrival_does_not()
    {
        var hashes = new HashSet<UInt128>();
        for (var seed = 0; seed < 20; seed++)
            hashes.Add(Hash(seed, tree => new ArrivalSum(tree, Length)));
        Assert.InRange(hashes.Count, 2, 20);
    }

    private static int Length { get; } = new MadeUpRun(Shards, Steps).Layout.Length;

    private static UInt128 Expected()
    {
        var run = new MadeUpRun(Shards, Steps);
        for (var step = 0; step < Steps; step++)
            run.Step();
        return LeafHash.Of(run.State.Adapter.Span);
    }

    private static UInt128 Hash(int seed, Func<ReductionTree, IGradientSum> sumOf)
    {
        var run = new MadeUpRun(Shards, Steps);
        var random = new PhiloxStream(seed, "schedule");
        var sum = sumOf(run.Tree);
        for (var step = 0; step < Steps; step++, sum.Clear())
        {
            var hashes = new UInt128[Shards];
            // What was lost is asked for again, from other workers, until every leaf is in.
            while (!sum.IsComplete)
                foreach (var (node, vector, leaves) in Messages(run, sum.Missing, random, hashes))
                    Assert.NotEqual(SumAnswer.Disagrees, sum.Add(node, leaves, vector));
            run.Commit(sum.Result, hashes);
        }
        return LeafHash.Of(run.State.Adapter.Span);
    }

    /// <summary>What some workers send for these leaves: as few nodes as they can, in any order, a fifth lost, a fifth twice.</summary>
    private static List<(TreeNode Node, float[] Vector, UInt128[] Leaves)> Messages(MadeUpRun run, IReadOnlyList<int> wanted, PhiloxStream random, UInt128[] hashes)
    {
        var workers = 1 + random.NextBelow(4);
        var messages = new List<(TreeNode, float[], UInt128[])>();
        foreach (var own in wanted.GroupBy(_ => random.NextBelow(workers)).Select(group => group.ToArray()))
        {
            random.Shuffle(own);
            var sum = new TreeSum(run.Tree, run.Layout.Length);
            foreach (var shard in own)
            {
                (var vector, hashes[shard]) = run.Leaf(shard);
                sum.Add(TreeNode.Leaf(shard), [hashes[shard]], vector);
            }
            foreach (var node in run.Tree.Cover(own))
            {
                var (first, end) = run.Tree.Leaves(node);
                for (var copies = random.NextBelow(5) switch { 0 => 0, 1 => 2, _ => 1 }; copies > 0; copies--)
                    messages.Add((node, sum.Value(node)!.Value.ToArray(), hashes[first..end]));
            }
        }
        int[] order = [.. Enumerable.Range(0, messages.Count)];
        random.Shuffle(order);
        return [.. order.Select(i => messages[i])];
    }
}
