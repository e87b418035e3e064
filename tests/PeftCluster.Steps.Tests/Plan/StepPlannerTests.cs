using CsCheck;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

public sealed class StepPlannerTests
{
    private static readonly Gen<(TrainingSpec Training, MadeUpRows Rows)> Jobs =
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 9], Gen.Int[1, 12], Gen.Long[0, long.MaxValue], (rows, size, batches, seed) =>
            (new TrainingSpec { MicroBatchSize = size, MicroBatches = batches, Seed = seed, GroupByLength = seed % 2 == 0 }, new MadeUpRows(rows)));

    [Fact]
    public void In_each_epoch_every_row_comes_exactly_once() =>
        Jobs.Sample(job =>
        {
            var planner = new StepPlanner(job.Training, job.Rows);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                StepPlan[] plans = [.. Enumerable.Range(epoch * planner.StepsPerEpoch, planner.StepsPerEpoch).Select(planner.For)];
                Assert.All(plans, plan => Assert.Equal(epoch, plan.Epoch));
                Assert.Equal(Enumerable.Range(0, job.Rows.Count), plans.SelectMany(plan => plan.MicroBatches).SelectMany(batch => batch.Rows).Order());
            }
        }, iter: 200);

    [Fact]
    public void A_step_has_one_micro_batch_for_each_shard_and_rows_stay_in_theirs() =>
        Jobs.Sample(job =>
        {
            var planner = new StepPlanner(job.Training, job.Rows);
            var shards = ShardAssignment.Of(job.Rows.Count, job.Training.MicroBatches, job.Training.Seed);
            for (var step = 0; step < 2 * planner.StepsPerEpoch; step++)
            {
                var batches = planner.For(step).MicroBatches;
                Assert.Equal(Enumerable.Range(0, job.Training.MicroBatches), batches.Select(batch => batch.Shard));
                Assert.All(batches, batch => Assert.InRange(batch.Rows.Count, 0, job.Training.MicroBatchSize));
                Assert.All(batches, batch => Assert.Empty(batch.Rows.Except(shards[batch.Shard])));
            }
        }, iter: 200);

    [Fact]
    public void Shapes_and_denominators_are_those_of_the_rows() =>
        Jobs.Sample(job =>
        {
            var planner = new StepPlanner(job.Training with { GroupByLength = false }, job.Rows);
            for (var step = 0; step < planner.StepsPerEpoch; step++)
            {
                var plan = planner.For(step);
                foreach (var batch in plan.MicroBatches)
                {
                    var longest = batch.Rows.Select(job.Rows.Length).DefaultIfEmpty(0).Max();
                    Assert.Equal(0, batch.PaddedLength % 16);
                    Assert.InRange(batch.PaddedLength, longest, longest + 15);
                    Assert.Equal(batch.Rows.Sum(job.Rows.Labels), batch.Labels);
                    Assert.Equal(batch.Rows.Sum(job.Rows.Length), batch.Tokens);
                }
                Assert.Equal(plan.MicroBatches.Sum(batch => batch.Labels), plan.Denominator);
            }
        }, iter: 200);

    [Fact]
    public void A_plan_depends_on_neither_the_jobs_length_nor_what_was_asked_before() =>
        Gen.Select(Jobs, Gen.Int[1, 50]).Sample((job, steps) =>
        {
            var inOrder = new StepPlanner(job.Training with { MaxSteps = steps }, job.Rows);
            var backwards = new StepPlanner(job.Training with { MaxSteps = 10 * steps, NumTrainEpochs = 99 }, job.Rows);
            string[] prefix = [.. Enumerable.Range(0, steps).Select(step => Text(inOrder.For(step)))];
            string[] reversed = [.. Enumerable.Range(0, steps).Reverse().Select(step => Text(backwards.For(step)))];
            return prefix.SequenceEqual(reversed.Reverse());
        }, iter: 100);

    [Fact]
    public void Epochs_have_orders_of_their_own_and_so_have_seeds()
    {
        var rows = new MadeUpRows(100);
        var planner = new StepPlanner(new TrainingSpec { Seed = 1 }, rows);
        var other = new StepPlanner(new TrainingSpec { Seed = 2 }, rows);
        Assert.NotEqual(Rows(planner.For(0)), Rows(planner.For(planner.StepsPerEpoch)));
        Assert.NotEqual(Rows(planner.For(0)), Rows(other.For(0)));
    }

    [Fact]
    public void The_last_micro_batches_may_be_short_or_empty()
    {
        var planner = new StepPlanner(new TrainingSpec { MicroBatchSize = 4, MicroBatches = 3, GroupByLength = false }, new MadeUpRows(14));
        Assert.Equal(2, planner.StepsPerEpoch);
        Assert.Equal([1, 1, 0], planner.For(1).MicroBatches.Select(batch => batch.Rows.Count));
        Assert.Equal(0, planner.For(1).MicroBatches[2].PaddedLength);
    }

    [Theory]
    [InlineData(100, 3, null, 12)]
    [InlineData(100, 0.1, null, 1)]
    [InlineData(100, 2.3, null, 10)]
    [InlineData(100, 3, 7, 7)]
    [InlineData(96, 1, null, 3)]
    [InlineData(97, 1, null, 4)]
    public void Steps_are_counted_as_transformers_counts(int rows, double epochs, int? maxSteps, int expected) =>
        Assert.Equal(expected, new StepPlanner(new TrainingSpec { NumTrainEpochs = epochs, MaxSteps = maxSteps }, new MadeUpRows(rows)).TotalSteps);

    [Fact]
    public void A_step_without_labels_is_divided_by_one() =>
        Assert.Equal(1, new StepPlanner(new TrainingSpec(), new MadeUpRows(3, labelled: false)).For(0).Denominator);

    [Fact]
    public void Shards_differ_by_at_most_one_row_and_share_none() =>
        Gen.Select(Gen.Int[0, 500], Gen.Int[1, 40], Gen.Long).Sample((rows, shards, seed) =>
        {
            var assignment = ShardAssignment.Of(rows, shards, seed);
            Assert.Equal(shards, assignment.Count);
            Assert.True(assignment.Max(shard => shard.Length) - assignment.Min(shard => shard.Length) <= 1);
            Assert.Equal(Enumerable.Range(0, rows), assignment.SelectMany(shard => shard).Order());
        });

    [Fact]
    public void The_plan_of_a_small_job_is_pinned() =>
        Assert.Equal("step 3 epoch 1: 7 2 | 4 8 | 0; padded 32 48 16; 26 labels",
            Text(new StepPlanner(new TrainingSpec { Seed = 7, MicroBatchSize = 2, MicroBatches = 3, GroupByLength = false }, new MadeUpRows(11)).For(3)));

    private static string Rows(StepPlan plan) => string.Join(" | ", plan.MicroBatches.Select(batch => string.Join(' ', batch.Rows)));

    private static string Text(StepPlan plan) =>
        $"step {plan.Step} epoch {plan.Epoch}: {Rows(plan)}; padded {string.Join(' ', plan.MicroBatches.Select(batch => batch.PaddedLength))}; {plan.Denominator} labels";
}
