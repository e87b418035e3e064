using CsCheck;
using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tests.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Tests.Preflight;

/// <summary>The figures of the check: rows, duplicates, lengths, steps, and the rows that it shows.</summary>
public sealed class PreflightReportTests
{
    [Fact]
    public void Rows_tokens_and_masked_share_are_those_of_the_preparation()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "cd"), PreparedJob.Row("ab", "cd"), PreparedJob.Row("x", "y")).Eval(PreparedJob.Row("x", "z"));
        using var data = job.Prepare();

        var report = DataPreflight.Report(job.Spec(), data);

        Assert.Equal("ok", report.Status);
        Assert.Equal(data.Report.Train, report.Train!.Counts);
        Assert.Equal(8.0 / 16, report.Train.MaskedShare);
        Assert.Equal(1, report.Train.Duplicates);
        Assert.Equal($"{job.TrainPath}:2 equals {job.TrainPath}:1", report.Train.FirstDuplicate);
        Assert.Equal(1, report.SharedPrompts);
        Assert.Equal(FindingKind.Preparation, Assert.Single(report.Findings).Kind);
        Assert.Equal((0, null), (report.HeldOut!.Duplicates, report.HeldOut.FirstDuplicate));
    }

    [Fact]
    public void Duplicates_are_those_that_a_set_of_texts_would_find() => Gen.Int[0, 5].Array[1, 40].Sample(kinds =>
    {
        var rows = new MadeRows([.. kinds.Select(kind => ((int[])[7, kind], (LabelSpan[])[new LabelSpan(1, 2)]))]);

        Assert.Equal(kinds.Length - kinds.Distinct().Count(), DuplicateRows.Of(rows).Rows);
    }, iter: 200);

    [Fact]
    public void Rows_of_equal_tokens_and_other_labels_are_no_duplicates() =>
        Assert.Equal(0, DuplicateRows.Of(new MadeRows(([1, 2, 3], [new LabelSpan(1, 3)]), ([1, 2, 3], [new LabelSpan(2, 3)]))).Rows);

    [Fact]
    public void Every_row_is_in_the_histogram_once() => Gen.Int[1, 5000].Array[1, 60].Sample(lengths =>
    {
        var rows = new MadeRows([.. lengths.Select(length => (new int[length], (LabelSpan[])[new LabelSpan(0, length)]))]);

        var bins = LengthHistogram.Of(rows, null);

        Assert.InRange(bins.Count, 1, 20);
        Assert.All(bins, bin => Assert.Equal(lengths.Count(length => length >= bin.From && length <= bin.To), bin.Train));
        Assert.Equal(lengths.Length, bins.Sum(bin => bin.Train));
        Assert.All(bins.Zip(bins.Skip(1)), pair => Assert.Equal(pair.First.To + 1, pair.Second.From));
    }, iter: 100);

    [Theory]
    [InlineData(false, true, "grouped")]
    [InlineData(false, false, "random")]
    [InlineData(true, true, "packed")]
    public void Steps_and_padding_are_the_plans(bool packing, bool grouped, string name)
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(40));
        var spec = job.Spec(data => data with { Packing = packing });
        spec = spec with { Training = spec.Training with { GroupByLength = grouped, NumTrainEpochs = 2.5 } };
        using var data = DataPreparation.Prepare(spec, job.Cache, TestContext.Current.CancellationToken);

        var steps = DataPreflight.Report(spec, data).Steps!;

        var planner = new StepPlanner(spec, data.Train);
        Assert.Equal((planner.TotalSteps, planner.StepsPerEpoch, name), (steps.Steps, steps.StepsPerEpoch, steps.Rows));
        Assert.Equal(data.Report.Train.Tokens, steps.TokensPerEpoch);
        Assert.Equal(data.Report.Train.Labels, steps.LabelsPerEpoch);
        var computed = Enumerable.Range(0, planner.StepsPerEpoch).SelectMany(step => planner.For(step).MicroBatches).Sum(batch => batch.PaddedLength * batch.PaddedRows);
        Assert.Equal(1 - (double)data.Report.Train.Tokens / computed, steps.PaddingShare, 9);
    }

    [Fact]
    public void A_shown_row_is_what_the_model_gets()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("x", "y"), PreparedJob.Row("hé", "b"));
        using var data = job.Prepare();

        var row = DataPreflight.Row(job.Spec(), data, heldOut: false, 2);

        Assert.Equal((2, 2, $"{job.TrainPath}:2", 2, 0), (row.Row, row.Rows, row.Place, row.Labels, row.Left));
        Assert.Equal(data.Train.Tokens(1).ToArray(), row.Tokens.Select(token => token.Id));
        // The two bytes of é are two tokens: the letter stands at the second.
        Assert.Equal(["<bos>", "h", "", "é", "b", "<eos>"], row.Tokens.Select(token => token.Text));
        Assert.Equal([false, false, false, false, true, true], row.Tokens.Select(token => token.Label));
        Assert.Equal([true, false, false, false, false, true], row.Tokens.Select(token => token.Special));
    }

    [Fact]
    public void A_classifiers_row_ends_in_the_name_of_its_class()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "yes"));
        File.WriteAllText(Path.Combine(job.Model.Folder, "config.json"), """{"model_type": "roberta", "vocab_size": 262, "bos_token_id": 0, "eos_token_id": 1, "id2label": {"0": "no", "1": "yes"}}""");
        using var data = job.Prepare();

        var tokens = DataPreflight.Row(job.Spec(), data, heldOut: false, 1).Tokens;

        Assert.Equal(new SampleToken(1, "yes", Label: true, Special: true), tokens[^1]);
        Assert.Equal(["<bos>", "a", "b", "yes"], tokens.Select(token => token.Text));
        Assert.Empty(DataPreflight.Report(job.Spec(), data).Findings);
    }

    [Theory]
    [InlineData(false, 0, "--row: 0 is not in [1, 3]: data.train has 3 rows.")]
    [InlineData(false, 4, "--row: 4 is not in [1, 3]: data.train has 3 rows.")]
    [InlineData(true, 1, "--held-out: the job has no held-out rows. Add data.eval to it, or leave --held-out away.")]
    public void A_row_that_is_not_there_is_one_line(bool heldOut, int row, string line)
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));
        using var data = job.Prepare();

        Assert.Equal(line, Assert.Throws<BadInputException>(() => DataPreflight.Row(job.Spec(), data, heldOut, row)).Message);
    }
}
