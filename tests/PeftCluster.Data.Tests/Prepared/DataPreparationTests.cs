using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>What becomes of rows on their way to the store: their tokens, cuts, refusals, warnings, and the key they lie under.</summary>
public sealed class DataPreparationTests
{
    [Fact]
    public void A_row_is_begin_prompt_completion_end_and_only_the_last_two_are_learnt()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "cd"));
        using var data = job.Prepare();

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("abcd"), TinyModel.Eos], data.Train.Tokens(0).ToArray());
        Assert.Equal(3, data.Train.PromptLength(0));
        Assert.Equal(3, data.Train.Labels(0));
        Assert.Equal(6, data.Train.Length(0));
        Assert.Equal([.. TinyModel.IdsOf("cd"), TinyModel.Eos], data.Train.Completion(0).ToArray());
    }

    [Fact]
    public void Prompt_and_completion_are_encoded_apart()
    {
        // "he" and "ll" would merge across the border.
        using var job = new PreparedJob().Train(PreparedJob.Row("he", "ll"));
        using var data = job.Prepare();

        Assert.Equal(2, data.Train.PromptLength(0));
        Assert.Equal(4, data.Train.Length(0));
    }

    [Fact]
    public void The_first_token_of_a_row_is_never_a_label()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("", "cd"));
        job.Model.Tokenizer["post_processor"] = null;
        job.Model.Write();
        using var data = job.Prepare();

        Assert.Equal(0, data.Train.PromptLength(0));
        Assert.Equal(2, data.Train.Labels(0));
    }

    [Fact]
    public void Rows_keep_the_order_of_the_file_and_lie_in_the_jobs_shards()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(20)).Eval(PreparedJob.Row("x", "y"));
        using var data = job.Prepare(microBatches: 3);

        Assert.Equal(20, data.Train.Count);
        for (var row = 0; row < 20; row++)
        {
            Assert.Equal(row + 1, data.Train.Line(row));
            Assert.Equal($"a{row}", data.Tokenizer.Decode(data.Train.Completion(row), skipSpecialTokens: true));
        }
        Assert.Equal(4, job.ShardFiles().Length);
        Assert.Equal(
            ShardAssignment.Of(20, 3, 7).Select(rows => new ShardFile.Header(ShardFile.Magic, ShardFile.Version, rows.Length, rows.Length, rows.Sum(row => (long)data.Train.Length(row)), Choices: 0).FileBytes).Order(),
            job.ShardFiles().Select(path => new FileInfo(path).Length).Order().Skip(1));
    }

    [Fact]
    public void More_shards_than_rows_leave_empty_shards()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(2));
        using var data = job.Prepare(microBatches: 5);

        Assert.Equal(2, data.Train.Count);
        Assert.Equal("a1", data.Tokenizer.Decode(data.Train.Completion(1), skipSpecialTokens: true));
    }

    [Fact]
    public void A_long_row_is_cut_at_the_end_counted_and_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "cdefghij"), PreparedJob.Row("ab", "c"));
        using var data = job.Prepare(spec => spec with { MaxLength = 8 });

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("abcdefg")], data.Train.Tokens(0).ToArray());
        Assert.Equal(new SetReport(2, 0, 1, 13, 7, 8), data.Report.Train);
        Assert.Equal(["data.train: 1 of 2 rows were cut at data.max_length 8. Raise it to learn from whole rows."], data.Report.Warnings);
    }

    [Fact]
    public void A_long_row_is_refused_where_the_job_says_so()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "c"), PreparedJob.Row("ab", "cdefghij"));

        var refused = Assert.Throws<BadInputException>(() => job.Prepare(spec => spec with { MaxLength = 8, OnTooLong = OnTooLong.Refuse }));

        Assert.Equal($"{job.TrainPath}:2: the row has 12 tokens, more than data.max_length 8. Shorten it, raise data.max_length, or set data.on_too_long: truncate.", refused.Message);
    }

    [Fact]
    public void A_row_whose_completion_is_cut_away_is_refused()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("abcdefghij", "k"));

        var refused = Assert.Throws<BadInputException>(() => job.Prepare(spec => spec with { MaxLength = 8 }));

        Assert.Equal($"{job.TrainPath}:1: every label is masked: the prompt alone has 11 tokens, and data.max_length is 8. Shorten the prompt, raise data.max_length, or set data.on_empty: skip.", refused.Message);
    }

    [Fact]
    public void Rows_with_nothing_to_learn_are_skipped_where_the_job_says_so()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("abcdefghij", "k"), PreparedJob.Row("a", " "), PreparedJob.Row("a", "b"));
        using var data = job.Prepare(spec => spec with { MaxLength = 8, OnEmpty = OnEmpty.Skip });

        Assert.Equal(new SetReport(1, 2, 0, 4, 2, 4), data.Report.Train with { LeftOut = [] });
        Assert.Equal([$"{job.TrainPath}:1: every label is masked. Left out by data.on_empty.", $"{job.TrainPath}:2: \"completion\" is empty. Left out by data.on_empty."], data.Report.LeftOut);
        Assert.Equal(3, data.Train.Line(0));
        Assert.Equal(["data.train: 2 rows have nothing to learn and were left out (data.on_empty: skip)."], data.Report.Warnings);
    }

    [Fact]
    public void A_file_whose_rows_all_have_nothing_to_learn_is_refused()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a", ""), PreparedJob.Row("a", " "));

        var refused = Assert.Throws<BadInputException>(() => job.Prepare(spec => spec with { OnEmpty = OnEmpty.Skip }));

        Assert.Equal($"{job.TrainPath}: none of its 2 rows has anything to learn. Fill the completions, or raise data.max_length.", refused.Message);
    }

    [Fact]
    public void A_file_without_rows_is_refused()
    {
        using var job = new PreparedJob().Train("", "  ");

        Assert.Equal($"{job.TrainPath}: has no rows. Write one JSON object on each line.", Assert.Throws<BadInputException>(() => job.Prepare()).Message);
    }

    [Fact]
    public void Held_out_rows_that_ask_what_training_asks_are_counted_and_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a", "b"), PreparedJob.Row("c", "d")).Eval(PreparedJob.Row("c", "other"), PreparedJob.Row("e", "d"));
        using var data = job.Prepare();

        Assert.Equal(1, data.Report.SharedPrompts);
        Assert.Equal(["data.eval: 1 of 2 rows have a prompt that is also in data.train: they measure memory, not learning. Drop them."], data.Report.Warnings);
    }

    [Fact]
    public void A_model_without_a_token_of_end_is_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "cd"));
        job.Model.Config.Remove("eos_token_id");
        job.Model.Write();
        using var data = job.Prepare();

        Assert.Equal(5, data.Train.Length(0));
        Assert.StartsWith($"{job.Model.Folder}: no eos token", Assert.Single(data.Report.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_is_refused_with_the_remedy()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(1));
        File.WriteAllText(job.Cache, "a file where the folder should be");

        var refused = Assert.Throws<BadInputException>(() => job.Prepare());

        Assert.StartsWith($"{job.Cache}: prepared data cannot be written there: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Set PEFTCLUSTER_HOME to a folder that can be written.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_preparation_leaves_no_files()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));

        Assert.Throws<OperationCanceledException>(() => DataPreparation.Prepare(job.Spec(), job.Cache, new CancellationToken(canceled: true)));

        Assert.Empty(Directory.GetFiles(job.Cache, "*", SearchOption.AllDirectories));
    }
}
