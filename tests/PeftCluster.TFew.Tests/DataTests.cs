using PeftCluster.Examples.Make.World;
using PeftCluster.TFew.Make;
using PeftCluster.TFew.Make.Tasks;

namespace PeftCluster.TFew;

/// <summary>The held-out family's rows and task file: made again to the letter, disjoint, and true.</summary>
public sealed class DataTests
{
    private static readonly HeldOutData Data = HeldOutData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);

    [Fact]
    public void The_committed_files_are_the_ones_that_the_program_makes()
    {
        var folder = Directory.CreateTempSubdirectory("t-few-");
        try
        {
            HeldOutFiles.Write(folder.FullName, Data);
            foreach (var name in new[] { "train.jsonl", "heldout.jsonl", "task.yaml" })
                Assert.Equal(TFewFolder.Text(name), File.ReadAllText(Path.Combine(folder.FullName, name)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void There_are_enough_rows_and_no_two_share_an_order()
    {
        Assert.True(Data.Train.Count >= 200 && Data.Heldout.Count >= 100);
        Assert.Equal(Data.Train.Count + Data.Heldout.Count, Data.Orders.Count);
        Assert.Equal(0, Data.Overlap);
    }

    [Fact]
    public void Overlap_counts_the_orders_that_are_in_both()
    {
        var leaky = Data with { Heldout = [.. Data.Heldout, .. Data.Train.Take(3)] };
        Assert.Equal(3, leaky.Overlap);
    }

    [Fact]
    public void Another_seed_makes_other_rows() =>
        Assert.NotEqual(Data.Train[0].Order, HeldOutData.Draw(Recipe.Seed + 1, Recipe.TrainRows, Recipe.HeldoutRows).Train[0].Order);

    [Fact]
    public void The_choices_are_different_words_of_the_order_and_the_right_one_is_of_the_asked_kind()
    {
        foreach (var row in Data.Heldout)
        {
            Assert.Equal(HeldOutTask.Choices, row.Words.Distinct().Count());
            Assert.All(row.Words, word => Assert.Contains(word, row.Order, StringComparison.Ordinal));
            var asked = Aspect.Unasked.Single(aspect => aspect.Word == row.Aspect);
            Assert.Contains(row.Words[row.Right], Words.Of(asked.Field));
        }
    }

    [Fact]
    public void The_right_choice_stands_at_every_place()
    {
        foreach (var place in Enumerable.Range(0, HeldOutTask.Choices))
            Assert.InRange(Data.Train.Count(row => row.Right == place), 30, 70);
    }
}
