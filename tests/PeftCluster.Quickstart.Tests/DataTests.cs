using PeftCluster.Examples.Make;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Quickstart.Make;

namespace PeftCluster.Quickstart;

/// <summary>The fine-tuning rows: made again to the letter, disjoint, and true.</summary>
public sealed class DataTests
{
    private static readonly TicketData Data = TicketData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);

    [Fact]
    public void The_committed_rows_are_the_ones_that_the_program_makes()
    {
        Assert.Equal(Data.Train, JsonLines.Read<Row>(QuickstartFolder.File("train.jsonl")));
        Assert.Equal(Data.Heldout, JsonLines.Read<Row>(QuickstartFolder.File("heldout.jsonl")));
    }

    [Fact]
    public void There_are_enough_rows_and_no_two_share_an_input()
    {
        Assert.True(Data.Train.Count >= 1000 && Data.Heldout.Count >= 200);
        Assert.Equal(Data.Train.Count + Data.Heldout.Count, Data.Inputs.Count);
        Assert.Equal(0, Data.Overlap);
    }

    [Fact]
    public void Overlap_counts_the_inputs_that_are_in_both()
    {
        var leaky = Data with { Heldout = [.. Data.Heldout, .. Data.Train.Take(3)] };
        Assert.Equal(3, leaky.Overlap);
    }

    [Fact]
    public void Another_seed_makes_other_rows() =>
        Assert.NotEqual(Data.Train, TicketData.Draw(Recipe.Seed + 1, Recipe.TrainRows, Recipe.HeldoutRows).Train);

    [Fact]
    public void A_ticket_holds_what_its_order_says()
    {
        foreach (var row in Data.Heldout)
        {
            var words = row.Output.Split([": ", " x ", " -> ", ", ", " "], StringSplitOptions.None);
            Assert.Equal(6, words.Length);
            Assert.All(words, word => Assert.Contains(word, row.Input, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Shuffled_labels_are_the_same_answers_at_other_rows()
    {
        var shuffled = TicketData.ShuffleLabels(Data.Train, Recipe.Seed);
        Assert.Equal(Data.Train.Select(row => row.Input), shuffled.Select(row => row.Input));
        Assert.Equal(Data.Train.Select(row => row.Output).Order(), shuffled.Select(row => row.Output).Order());
        Assert.InRange(Data.Train.Zip(shuffled).Count(pair => pair.First == pair.Second), 0, 12);
    }
}
