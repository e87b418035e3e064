using CsCheck;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Tests.Reduction;

public sealed class ReductionTreeTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(33, 6)]
    public void The_root_covers_all_leaves(int leaves, int height)
    {
        var tree = new ReductionTree(leaves);
        Assert.Equal(new TreeNode(height, 0), tree.Root);
        Assert.Equal((0, leaves), tree.Leaves(tree.Root));
        Assert.Null(tree.Parent(tree.Root));
    }

    [Fact]
    public void A_node_without_a_right_child_is_its_left_child()
    {
        var tree = new ReductionTree(5);
        Assert.Null(tree.Right(new TreeNode(2, 1)));
        Assert.Equal(TreeNode.Leaf(4), tree.Canonical(new TreeNode(2, 1)));
        Assert.Equal(TreeNode.Leaf(4), tree.Canonical(new TreeNode(1, 2)));
        Assert.Equal(new ReductionTree.Addition(new TreeNode(2, 0), TreeNode.Leaf(4), tree.Root), tree.Next(TreeNode.Leaf(4)));
    }

    [Fact]
    public void A_node_that_the_tree_has_not_is_refused()
    {
        var tree = new ReductionTree(5);
        foreach (var node in new[] { new TreeNode(0, 5), new TreeNode(0, -1), new TreeNode(1, 3), new TreeNode(4, 0), new TreeNode(-1, 0), new TreeNode(2, 1 << 30) })
        {
            Assert.False(tree.Has(node));
            Assert.Throws<ArgumentOutOfRangeException>(() => tree.Leaves(node));
        }
    }

    [Fact]
    public void Every_leaf_climbs_to_the_root_by_additions_whose_children_make_the_parent() =>
        Gen.Int[1, 100].Sample(leaves =>
        {
            var tree = new ReductionTree(leaves);
            for (var leaf = 0; leaf < leaves; leaf++)
            {
                var node = TreeNode.Leaf(leaf);
                while (tree.Next(node) is { } next)
                {
                    Assert.True(node == next.Left || node == next.Right);
                    Assert.Equal(tree.Leaves(next.Left).End, tree.Leaves(next.Right).First);
                    Assert.Equal((tree.Leaves(next.Left).First, tree.Leaves(next.Right).End), tree.Leaves(next.Parent));
                    node = next.Parent;
                }
                Assert.Equal(tree.Canonical(tree.Root), node);
            }
        }, iter: 300);

    [Fact]
    public void A_cover_has_exactly_the_leaves_and_no_two_of_its_nodes_could_be_one() =>
        Gen.Select(Gen.Int[1, 33], Gen.ULong).Sample((leaves, mask) =>
        {
            var tree = new ReductionTree(leaves);
            int[] chosen = [.. Enumerable.Range(0, leaves).Where(leaf => (mask >> leaf & 1) == 1)];
            var cover = tree.Cover(chosen);
            Assert.Equal(chosen, cover.SelectMany(node => tree.Leaves(node) is var (first, end) ? Enumerable.Range(first, end - first) : []));
            Assert.All(cover, node => Assert.Equal(node, tree.Canonical(node)));
            Assert.DoesNotContain(cover, node => tree.Next(node) is { } next && cover.Contains(next.Left) && cover.Contains(next.Right));
        }, iter: 3_000);

    [Fact]
    public void A_cover_is_told_by_example()
    {
        var tree = new ReductionTree(7);
        Assert.Equal([tree.Root], tree.Cover(Enumerable.Range(0, 7)));
        Assert.Equal([TreeNode.Leaf(1), new(1, 1), TreeNode.Leaf(6)], tree.Cover([6, 3, 1, 2]));
        Assert.Equal([new TreeNode(2, 1)], tree.Cover([4, 5, 6]));
        Assert.Empty(tree.Cover([]));
    }
}
