using PeftCluster.Data.Prepared;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Rows that filters and policies leave out: counted by reason, listed with their places, the same from the cache.</summary>
public sealed class LeftOutTests
{
    private static DataSpec Lenient(DataSpec spec) =>
        spec with { MaxLength = 12, MinLength = 6, OnTooLong = OnTooLong.Skip, OnEmpty = OnEmpty.Skip, OnBadRow = OnBadRow.Skip, DropDuplicates = true };

    private static PreparedJob Job() => new PreparedJob().Train(
        PreparedJob.Row("abc", "def"),
        "{\"prompt\": ",
        PreparedJob.Row("abc", ""),
        "[]",
        PreparedJob.Row("abcdefgh", "ijklm"),
        PreparedJob.Row("a", "b"),
        "{\"id\": 7, \"completion\": \"def\", \"prompt\": \"abc\"}",
        PreparedJob.Row("abc", "xyz"));

    [Fact]
    public void Every_reason_is_counted_and_its_rows_are_listed()
    {
        using var job = Job();
        using var data = job.Prepare(Lenient);

        Assert.Equal([1, 8], [data.Train.Line(0), data.Train.Line(1)]);
        Assert.Equal(2, data.Train.Count);
        Assert.Equal(
            [(LeftOutReason.BadRow, 2), (LeftOutReason.Empty, 1), (LeftOutReason.TooLong, 1), (LeftOutReason.TooShort, 1), (LeftOutReason.Duplicate, 1)],
            data.Report.Train.LeftOut.Select(one => (one.Reason, one.Rows)));
        Assert.Equal(
            [
                $"{job.TrainPath}:2: the row is not JSON (near byte 11 of the line). Format completion expects an object on each line, with prompt, completion. Left out by data.on_bad_row.",
                $"{job.TrainPath}:4: the row is a list, not an object. Format completion expects an object on each line, with prompt, completion. Left out by data.on_bad_row.",
                $"{job.TrainPath}:3: \"completion\" is empty. Left out by data.on_empty.",
                $"{job.TrainPath}:5: the row has 15 tokens. Left out by data.on_too_long.",
                $"{job.TrainPath}:6: the row has 4 tokens. Left out by data.min_length.",
                $"{job.TrainPath}:7: the row's content came before. Left out by data.drop_duplicates.",
            ], data.Report.LeftOut);
        Assert.Equal(
            [
                $"data.train: 2 rows cannot be used and were left out (data.on_bad_row: skip); the first is {job.TrainPath}:2: the row is not JSON (near byte 11 of the line). Format completion expects an object on each line, with prompt, completion.",
                "data.train: 1 rows have nothing to learn and were left out (data.on_empty: skip).",
                "data.train: 1 rows have more tokens than data.max_length 12 and were left out (data.on_too_long: skip).",
                "data.train: 1 rows have fewer tokens than data.min_length 6 and were left out.",
                "data.train: 1 rows came before and were left out (data.drop_duplicates).",
            ], data.Report.Warnings);
    }

    [Fact]
    public void A_preparation_from_the_cache_tells_the_same_by_the_names_of_today()
    {
        using var job = Job();
        using var first = job.Prepare(Lenient);
        var moved = job.TrainPath.Replace("train", "moved", StringComparison.Ordinal);
        File.Move(job.TrainPath, moved);
        using var second = job.Prepare(spec => Lenient(spec) with { Train = moved });

        Assert.Equal(first.Report.Train, second.Report.Train);
        Assert.Equal(first.Report.LeftOut.Select(line => line.Replace("train.jsonl", "moved.jsonl", StringComparison.Ordinal)), second.Report.LeftOut);
    }

    [Fact]
    public void Only_the_first_rows_of_a_reason_are_listed()
    {
        using var job = new PreparedJob().Train([.. PreparedJob.Rows(2), .. Enumerable.Repeat("x", 50)]);
        using var data = job.Prepare(spec => spec with { OnBadRow = OnBadRow.Skip });

        Assert.Equal(50, Assert.Single(data.Report.Train.LeftOut).Rows);
        Assert.Equal(Enumerable.Range(3, 20), data.Report.Train.LeftOut[0].First.Select(row => row.Number));
    }

    [Fact]
    public void A_bad_row_is_told_of_once_where_rows_are_held_out()
    {
        using var job = new PreparedJob().Train([.. PreparedJob.Rows(30), "x"]);
        using var data = job.Prepare(spec => spec with { OnBadRow = OnBadRow.Skip, EvalFraction = 0.3 });

        Assert.Equal(1, Assert.Single(data.Report.Train.LeftOut).Rows);
        Assert.Empty(data.Report.Eval!.LeftOut);
    }

    [Fact]
    public void A_set_that_loses_every_row_is_refused_with_the_first()
    {
        using var job = new PreparedJob().Train("x", PreparedJob.Row("a", ""));

        Assert.Equal(
            $"{job.TrainPath}: none of its 2 rows is used. The first, {job.TrainPath}:1: the row is not JSON (near byte 1 of the line). Format completion expects an object on each line, with prompt, completion.",
            Assert.Throws<BadInputException>(() => job.Prepare(Lenient)).Message);
    }

    [Fact]
    public void Each_of_them_is_another_preparation()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        string Key(Func<DataSpec, DataSpec>? change = null)
        {
            using var data = job.Prepare(change);
            return data.InputKey;
        }
        string[] keys =
        [
            Key(),
            Key(spec => spec with { OnTooLong = OnTooLong.Skip }),
            Key(spec => spec with { MinLength = 2 }),
            Key(spec => spec with { DropDuplicates = true }),
            Key(spec => spec with { OnBadRow = OnBadRow.Skip }),
            Key(spec => spec with { Columns = [new("prompt", "completion"), new("completion", "prompt")] }),
            Key(spec => spec with { Train = new DataSources([new DataSource { Path = job.TrainPath, Epochs = 2 }]) }),
            Key(spec => spec with { Train = new DataSources([new DataSource { Path = job.TrainPath, Weight = 2 }]) }),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Equal_bytes_in_another_container_are_another_preparation_and_in_a_list_the_same()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(2));
        var json = job.TrainPath.Replace(".jsonl", ".json", StringComparison.Ordinal);
        File.Copy(job.TrainPath, json);
        using var lines = job.Prepare();
        using var list = job.Prepare(spec => spec with { Train = json });
        using var alone = job.Prepare(spec => spec with { Train = new DataSources([new DataSource { Path = job.TrainPath }]) });

        Assert.NotEqual(lines.InputKey, list.InputKey);
        Assert.Equal(lines.InputKey, alone.InputKey);
    }

    [Fact]
    public void A_class_that_the_model_does_not_have_may_be_left_out()
    {
        using var job = new PreparedJob().Train("{\"text\": \"a\", \"label\": 1}", "{\"text\": \"b\", \"label\": \"no\"}", "{\"text\": \"c\", \"label\": \"maybe\"}");
        File.WriteAllText(Path.Combine(job.Model.Folder, "config.json"), """{"model_type": "roberta", "id2label": {"0": "no", "1": "yes"}}""");
        using var data = job.Prepare(spec => spec with { Format = DataFormat.Classification, OnBadRow = OnBadRow.Skip });

        Assert.Equal([1, 0], [data.Train.Completion(0)[0], data.Train.Completion(1)[0]]);
        Assert.Equal([$"{job.TrainPath}:3: \"maybe\" is no class of the model. It has: no, yes (id2label in config.json). Left out by data.on_bad_row."], data.Report.LeftOut);
    }
}
