using System.Text.Json;
using CsCheck;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

/// <summary>Rows with answer choices, and examples in several wordings.</summary>
public sealed class ChoicePlanTests
{
    private static readonly Gen<(TrainingSpec Training, WordedRows Rows)> Jobs =
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 5], Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6]), Gen.Long[0, long.MaxValue], Gen.Bool, (examples, variants, batch, seed, grouped) =>
            (new TrainingSpec { MicroBatchSize = batch.Item1, MicroBatches = batch.Item2, Seed = seed, GroupByLength = grouped }, new WordedRows(examples, variants)));

    [Fact]
    public void In_each_pass_every_example_comes_once_in_one_wording_from_its_own_shard() =>
        Jobs.Sample(job =>
        {
            var planner = new StepPlanner(job.Training, job.Rows);
            var examples = job.Rows.Count / job.Rows.Variants;
            var shards = ShardAssignment.Of(examples, job.Training.MicroBatches, job.Training.Seed);
            Assert.Equal((examples + job.Training.MicroBatchSize * job.Training.MicroBatches - 1) / (job.Training.MicroBatchSize * job.Training.MicroBatches), planner.StepsPerEpoch);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                var batches = Epoch(planner, epoch);
                Assert.Equal(Enumerable.Range(0, examples), batches.SelectMany(batch => batch.Rows).Select(row => row / job.Rows.Variants).Order());
                Assert.All(batches, batch => Assert.Empty(batch.Rows.Select(row => row / job.Rows.Variants).Except(shards[batch.Shard])));
                Assert.All(batches.Where(batch => batch.Rows.Count > 0), batch => Assert.True(batch.PaddedLength >= batch.Rows.Max(job.Rows.Length)));
            }
        }, iter: 100);

    [Fact]
    public void Each_loss_is_divided_by_a_count_of_the_whole_step() =>
        Jobs.Sample(job =>
        {
            var plan = new StepPlanner(job.Training, job.Rows).For(0);
            int[] rows = [.. plan.MicroBatches.SelectMany(batch => batch.Rows)];
            Assert.Equal(new ChoiceCounts(rows.Sum(job.Rows.Labels), rows.Sum(job.Rows.WrongLabels), rows.Length), plan.Choices);
            Assert.Equal(plan.Choices!.Value.RightTokens, plan.Denominator);
            Assert.All(plan.MicroBatches, batch => Assert.Equal(batch.Rows.Sum(job.Rows.WrongLabels), batch.WrongLabels));
        }, iter: 100);

    [Fact]
    public void The_wording_is_drawn_anew_in_each_pass_and_for_each_example()
    {
        var planner = new StepPlanner(new TrainingSpec { MicroBatchSize = 10, MicroBatches = 4, Seed = 7 }, new WordedRows(400, 4));
        int[][] passes = [.. Enumerable.Range(0, 4).Select(epoch => Epoch(planner, epoch).SelectMany(batch => batch.Rows).Order().Select(row => row % 4).ToArray())];
        Assert.All(passes, pass => Assert.All(pass.GroupBy(wording => wording), wording => Assert.InRange(wording.Count(), 60, 140)));
        Assert.All(passes[1..], pass => Assert.InRange(pass.Zip(passes[0]).Count(pair => pair.First == pair.Second), 60, 140));
    }

    [Fact]
    public void Another_order_of_examples_draws_the_same_wordings()
    {
        var training = new TrainingSpec { MicroBatchSize = 3, MicroBatches = 2, Seed = 7, GroupByLength = false };
        var rows = new WordedRows(50, 5);
        Assert.Equal(
            Epoch(new StepPlanner(training, rows), 1).SelectMany(batch => batch.Rows).Order(),
            Epoch(new StepPlanner(training with { MicroBatchSize = 7, MicroBatches = 5, GroupByLength = true }, rows), 1).SelectMany(batch => batch.Rows).Order());
    }

    [Fact]
    public void A_plan_may_be_asked_in_any_order()
    {
        var training = new TrainingSpec { MicroBatchSize = 3, MicroBatches = 2, Seed = 3 };
        var rows = new WordedRows(20, 3);
        var inOrder = Enumerable.Range(0, 12).Select(new StepPlanner(training, rows).For).Select(PlanHash.Of).ToArray();
        var planner = new StepPlanner(training, rows);
        Assert.Equal(inOrder, Enumerable.Range(0, 12).Reverse().Select(planner.For).Select(PlanHash.Of).Reverse());
    }

    [Fact]
    public void A_micro_batch_without_choices_is_written_as_before() =>
        Assert.Equal("""{"Shard":0,"Rows":[1],"PaddedLength":16,"Labels":2,"Tokens":3,"Packing":null}""", JsonSerializer.Serialize(new MicroBatch(0, [1], 16, 2, 3)));

    [Fact]
    public void Rows_without_choices_have_no_counts_of_them() => Assert.Null(new StepPlanner(new TrainingSpec(), new MadeUpRows(9)).For(0).Choices);

    private static MicroBatch[] Epoch(StepPlanner planner, int epoch) =>
        [.. Enumerable.Range(epoch * planner.StepsPerEpoch, planner.StepsPerEpoch).SelectMany(step => planner.For(step).MicroBatches)];
}
