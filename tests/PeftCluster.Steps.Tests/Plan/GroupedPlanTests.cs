using CsCheck;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

/// <summary>Rows that come with others of their length.</summary>
public sealed class GroupedPlanTests
{
    private static readonly Gen<(TrainingSpec Training, ListedRows Rows)> Jobs =
        Gen.Select(Gen.Int[1, 600].Array[1, 300], Gen.Int[1, 9], Gen.Int[1, 6], Gen.Long[0, long.MaxValue], (lengths, size, batches, seed) =>
            (new TrainingSpec { MicroBatchSize = size, MicroBatches = batches, Seed = seed }, new ListedRows(lengths)));

    [Fact]
    public void A_job_has_at_most_eight_padded_lengths_and_each_holds_its_rows() =>
        Jobs.Sample(job =>
        {
            var batches = Batches(job.Training, job.Rows).Where(batch => batch.Rows.Count > 0).ToList();
            Assert.InRange(batches.Select(batch => batch.PaddedLength).Distinct().Count(), 1, 8);
            Assert.All(batches, batch => Assert.Equal(0, batch.PaddedLength % 16));
            Assert.All(batches, batch => Assert.InRange(batch.Rows.Max(job.Rows.Length), 1, batch.PaddedLength));
        }, iter: 200);

    [Fact]
    public void There_are_no_more_steps_than_without_groups() =>
        Jobs.Sample(job => new StepPlanner(job.Training, job.Rows).StepsPerEpoch == new StepPlanner(job.Training with { GroupByLength = false }, job.Rows).StepsPerEpoch);

    [Fact]
    public void Padding_of_rows_of_all_lengths_is_a_fraction_of_that_of_random_batches()
    {
        var rows = new ListedRows([.. Enumerable.Range(0, 4000).Select(row => 1 + row * 977 % 1000)]);
        var training = new TrainingSpec { MicroBatchSize = 4 };

        Assert.InRange(Padding(training, rows), 0, 0.12);
        Assert.InRange(Padding(training with { GroupByLength = false }, rows), 0.3, 1);
    }

    [Fact]
    public void Buckets_are_the_cheapest_of_all_choices() =>
        Gen.Int[1, 300].Array[1, 60].Sample(lengths =>
        {
            var found = LengthBuckets.Of(new ListedRows(lengths));
            int[] multiples = [.. lengths.Select(PaddedLength.Of).Distinct().Order()];
            Assert.Equal(multiples[^1], found[^1]);
            Assert.Equal(Math.Min(multiples.Length, LengthBuckets.Most), found.Length);
            // One edge moved to any free place never helps.
            for (var edge = 0; edge < found.Length - 1; edge++)
            {
                foreach (var other in multiples.Except(found))
                    Assert.True(Tokens(lengths, found) <= Tokens(lengths, [.. found.Where((_, at) => at != edge).Append(other).Order()]));
            }
        }, iter: 200);

    [Fact]
    public void Very_many_lengths_are_joined_before_the_search()
    {
        var rows = new ListedRows([.. Enumerable.Range(1, 2000).Select(row => 16 * row)]);

        var found = LengthBuckets.Of(rows);

        Assert.Equal(8, found.Length);
        Assert.Equal(32000, found[^1]);
        Assert.Equal([.. Enumerable.Range(1, 8).Select(bucket => bucket * 4000)], found.Select(edge => (int)Math.Round(edge / 500.0) * 500));
    }

    private static long Tokens(int[] lengths, int[] edges) => lengths.Sum(length => (long)edges.First(edge => edge >= length));

    private static double Padding(TrainingSpec training, ListedRows rows)
    {
        var batches = Batches(training, rows).ToList();
        return 1 - batches.Sum(batch => (double)batch.Tokens) / batches.Sum(batch => (double)batch.PaddedLength * batch.Rows.Count);
    }

    private static IEnumerable<MicroBatch> Batches(TrainingSpec training, ListedRows rows)
    {
        var planner = new StepPlanner(training, rows);
        return Enumerable.Range(0, planner.StepsPerEpoch).SelectMany(step => planner.For(step).MicroBatches);
    }
}
