using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Held-out rows taken from the training files (data.eval_fraction).</summary>
public sealed class HeldOutTests
{
    [Fact]
    public void Rows_are_on_one_side_each_and_rows_that_are_added_move_none()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(60));
        var (learnt, heldOut) = Sides(job, 0.25);
        job.Train([.. PreparedJob.Rows(90).Reverse()]);
        var (later, heldOutLater) = Sides(job, 0.25);

        Assert.Equal(60, learnt.Count + heldOut.Count);
        Assert.InRange(heldOut.Count, 5, 25);
        Assert.Empty(learnt.Intersect(heldOut));
        Assert.Empty(heldOut.Except(heldOutLater));
        Assert.Empty(learnt.Except(later));
    }

    [Fact]
    public void Equal_rows_are_on_one_side()
    {
        using var job = new PreparedJob().Train([.. PreparedJob.Rows(40), .. PreparedJob.Rows(40)]);
        using var data = job.Prepare(spec => spec with { EvalFraction = 0.3 });

        Assert.Equal(80, data.Train.Count + data.Eval!.Count);
        Assert.Equal(0, data.Report.SharedPrompts);
    }

    [Fact]
    public void Held_out_rows_are_there_once_whatever_the_mixture()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(40));
        var (learnt, heldOut) = Sides(job, 0.3);
        using var data = job.Prepare(spec => spec with { Train = new DataSources([new DataSource { Path = job.TrainPath, Epochs = 2 }]), EvalFraction = 0.3 });

        Assert.Equal((2 * learnt.Count, heldOut.Count), (data.Train.Count, data.Eval!.Count));
    }

    [Fact]
    public void A_side_without_rows_is_refused()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));

        Assert.Equal("data.eval_fraction: no row is held out: the files have too few. Raise it, or name held-out files in data.eval.", Refusal(job, 0.0001));
        Assert.Equal("data.eval_fraction: every row is held out. Lower it.", Refusal(job, 0.9999));
    }

    [Fact]
    public void Another_fraction_or_seed_is_another_preparation()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(60));
        string Key(double fraction, long seed)
        {
            using var data = job.Prepare(spec => spec with { EvalFraction = fraction, SplitSeed = seed });
            return data.InputKey;
        }

        Assert.Equal(3, new[] { Key(0.2, 0), Key(0.3, 0), Key(0.2, 1) }.Distinct().Count());
        Assert.Equal(Key(0.2, 0), Key(0.2, 0));
    }

    private static string Refusal(PreparedJob job, double fraction) =>
        Assert.Throws<BadInputException>(() => job.Prepare(spec => spec with { EvalFraction = fraction })).Message;

    private static (HashSet<string> Learnt, HashSet<string> HeldOut) Sides(PreparedJob job, double fraction)
    {
        using var data = job.Prepare(spec => spec with { EvalFraction = fraction });
        HashSet<string> Texts(PreparedRows rows) => [.. Enumerable.Range(0, rows.Count).Select(row => data.Tokenizer.Decode(rows.Tokens(row), skipSpecialTokens: true))];
        return (Texts(data.Train), Texts(data.Eval!));
    }
}
