using CsCheck;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Tests.Reduction;

public sealed class TreeSumTests
{
    private const int Length = 23;

    [Fact]
    public void Any_order_of_leaves_and_subtrees_with_repeats_gives_the_bits_of_the_definition() =>
        Gen.Select(Gen.Int[1, 33], Gen.Long).Sample((count, seed) =>
        {
            var leaves = new Leaves(count, Length, seed);
            var sum = new TreeSum(leaves.Tree, Length);
            for (var step = 0; step < 2; step++)
            {
                Fill(sum, leaves, new PhiloxStream(seed, "arrivals", (ulong)step));
                Assert.Equal(Bits(leaves.Value(leaves.Tree.Root)), Bits(sum.Result.ToArray()));
                sum.Clear();
            }
            Assert.InRange(sum.Buffers, 1, (count + 1) / 2);
        }, iter: 4_000);

    [Fact]
    public void Memory_that_is_exchanged_gives_the_same_bits_and_none_is_lost_or_given_twice() =>
        Gen.Select(Gen.Int[1, 33], Gen.Long).Sample((count, seed) =>
        {
            var leaves = new Leaves(count, Length, seed);
            var sum = new TreeSum(leaves.Tree, Length);
            var outside = new HashSet<float[]>(ReferenceEqualityComparer.Instance);
            var made = 0;
            for (var step = 0; step < 3; step++)
            {
                foreach (var leaf in Enumerable.Range(0, count).OrderBy(leaf => (leaf * 7919L + seed) % 1009))
                {
                    var arrived = outside.FirstOrDefault();
                    outside.Remove(arrived!);
                    if (arrived is null)
                        made++;
                    arrived ??= new float[Length];
                    leaves.Value(TreeNode.Leaf(leaf)).CopyTo(arrived, 0);
                    Assert.Equal(SumAnswer.Taken, sum.Exchange(TreeNode.Leaf(leaf), leaves.Hashes(TreeNode.Leaf(leaf)), ref arrived));
                    if (arrived is not null)
                        Assert.True(outside.Add(arrived));
                }
                Assert.Equal(Bits(leaves.Value(leaves.Tree.Root)), Bits(sum.Result.ToArray()));
                sum.Clear();
            }
            Assert.Equal(made, outside.Count + sum.Buffers);
            Assert.InRange(made, 1, (count + 1) / 2 + 1);
        }, iter: 1_000);

    [Fact]
    public void A_vector_long_enough_for_several_threads_has_the_same_bits()
    {
        const int Long = (1 << 20) + 3;
        var leaves = new Leaves(3, Long, seed: 4);
        var sum = new TreeSum(leaves.Tree, Long);
        foreach (var leaf in new[] { 2, 0, 1 })
            leaves.AddTo(sum, TreeNode.Leaf(leaf));
        Assert.True(leaves.Value(leaves.Tree.Root).AsSpan().SequenceEqual(sum.Result.Span));
    }

    [Fact]
    public void Order_of_arrival_shows_in_the_bits_of_the_planted_fault()
    {
        var leaves = new Leaves(8, Length, seed: 1);
        var results = new HashSet<string>();
        for (var order = 0UL; order < 10; order++)
        {
            var sum = new ArrivalSum(leaves.Tree, Length);
            Fill(sum, leaves, new PhiloxStream(1, "arrivals", order));
            results.Add(string.Join(' ', Bits(sum.Result.ToArray())));
        }
        Assert.InRange(results.Count, 2, 10);
    }

    [Fact]
    public void The_planted_fault_counts_every_leaf_once() =>
        Gen.Select(Gen.Int[1, 33], Gen.Long).Sample((count, seed) =>
        {
            var leaves = new Leaves(count, Length, seed);
            var sum = new ArrivalSum(leaves.Tree, Length);
            Fill(sum, leaves, new PhiloxStream(seed, "arrivals"));
            foreach (var (expected, actual) in leaves.Value(leaves.Tree.Root).Zip(sum.Result.ToArray()))
                Assert.Equal(expected, actual, tolerance: 1f);
        }, iter: 500);

    [Fact]
    public void A_node_counts_once_and_a_second_copy_must_have_the_same_hash()
    {
        var leaves = new Leaves(4, Length, seed: 2);
        var sum = new TreeSum(leaves.Tree, Length);
        Assert.Equal(SumAnswer.Taken, leaves.AddTo(sum, TreeNode.Leaf(1)));
        Assert.Equal(SumAnswer.Dropped, leaves.AddTo(sum, TreeNode.Leaf(1)));
        Assert.Equal(SumAnswer.Disagrees, sum.Add(TreeNode.Leaf(1), [UInt128.One], new float[Length]));
        Assert.Equal(SumAnswer.Disagrees, sum.Add(new TreeNode(1, 0), [UInt128.Zero, UInt128.One], new float[Length]));
        Assert.Equal([0, 2, 3], sum.Missing);
    }

    [Fact]
    public void A_subtree_replaces_those_of_its_leaves_that_are_in()
    {
        var leaves = new Leaves(8, Length, seed: 3);
        var sum = new TreeSum(leaves.Tree, Length);
        Assert.Equal(SumAnswer.Taken, leaves.AddTo(sum, TreeNode.Leaf(2)));
        Assert.Equal(SumAnswer.Taken, leaves.AddTo(sum, TreeNode.Leaf(5)));
        Assert.Equal(SumAnswer.Replaced, leaves.AddTo(sum, new TreeNode(2, 0)));
        Assert.Equal(SumAnswer.Dropped, leaves.AddTo(sum, new TreeNode(1, 1)));
        Assert.Equal([4, 6, 7], sum.Missing);
        Assert.Equal(SumAnswer.Replaced, leaves.AddTo(sum, leaves.Tree.Root));
        Assert.True(sum.IsComplete);
        Assert.Equal(Bits(leaves.Value(leaves.Tree.Root)), Bits(sum.Result.ToArray()));
    }

    [Fact]
    public void A_worker_reads_the_value_of_its_own_subtree()
    {
        var leaves = new Leaves(5, Length, seed: 4);
        var sum = new TreeSum(leaves.Tree, Length);
        leaves.AddTo(sum, TreeNode.Leaf(3));
        Assert.Null(sum.Value(new TreeNode(1, 1)));
        leaves.AddTo(sum, TreeNode.Leaf(2));
        leaves.AddTo(sum, TreeNode.Leaf(4));
        Assert.Equal(Bits(leaves.Value(new TreeNode(1, 1))), Bits(sum.Value(new TreeNode(1, 1))!.Value.ToArray()));
        Assert.Equal(Bits(leaves.Value(TreeNode.Leaf(4))), Bits(sum.Value(new TreeNode(2, 1))!.Value.ToArray()));
    }

    [Fact]
    public void A_result_with_missing_leaves_names_them()
    {
        var leaves = new Leaves(3, Length, seed: 5);
        var sum = new TreeSum(leaves.Tree, Length);
        leaves.AddTo(sum, TreeNode.Leaf(1));
        Assert.Contains("0, 2", Assert.Throws<InvalidOperationException>(() => sum.Result).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_given_away_stays_as_it_is_while_the_next_is_made()
    {
        var (leaves, next) = (new Leaves(3, Length, seed: 6), new Leaves(3, Length, seed: 7));
        foreach (var sum in new IGradientSum[] { new TreeSum(leaves.Tree, Length), new ArrivalSum(leaves.Tree, Length) })
        {
            Assert.Throws<InvalidOperationException>(sum.Release);
            leaves.AddTo(sum, new TreeNode(2, 0));
            var given = sum.Release();
            Assert.Equal([0, 1, 2], sum.Missing);
            next.AddTo(sum, new TreeNode(2, 0));
            Assert.Equal(Bits(leaves.Value(leaves.Tree.Root)), Bits(given));
            Assert.Equal(Bits(next.Value(next.Tree.Root)), Bits(sum.Release()));
        }
    }

    [Fact]
    public void Vectors_and_hashes_of_a_wrong_number_are_refused()
    {
        var sum = new TreeSum(new ReductionTree(4), Length);
        Assert.Throws<ArgumentException>(() => sum.Add(TreeNode.Leaf(0), [UInt128.One], new float[Length + 1]));
        Assert.Throws<ArgumentException>(() => sum.Add(TreeNode.Leaf(0), [UInt128.One, UInt128.One], new float[Length]));
    }

    /// <summary>Adds random nodes, leaves more often than subtrees and many of them twice, until every leaf is in.</summary>
    private static void Fill(IGradientSum sum, Leaves leaves, PhiloxStream random)
    {
        while (!sum.IsComplete)
        {
            var level = random.NextBelow(3) > 0 ? 0 : random.NextBelow(leaves.Tree.Height + 1);
            var node = new TreeNode(level, random.NextBelow(leaves.Tree.LeafCount) >> level);
            var answer = leaves.AddTo(sum, node);
            Assert.NotEqual(SumAnswer.Disagrees, answer);
        }
    }

    private static IEnumerable<int> Bits(float[] vector) => vector.Select(BitConverter.SingleToInt32Bits);
}
