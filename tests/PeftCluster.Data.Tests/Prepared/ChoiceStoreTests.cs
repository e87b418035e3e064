using CsCheck;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Sets with choices as files: what was written is what is read, and what is damaged is found.</summary>
public sealed class ChoiceStoreTests
{
    /// <summary>A prompt, choices of these lengths, and which is right (of as many).</summary>
    private static readonly Gen<(int Prompt, int[] Choices, int Right)> Row = Gen.Select(Gen.Int[1, 20], Gen.Int[1, 9].Array[2, 7], Gen.Int[0, 1000], (prompt, choices, right) => (prompt, choices, right % choices.Length));

    [Fact]
    public void What_was_written_is_what_is_read()
    {
        using var model = new TinyModel();
        Gen.Select(Row.Array[1, 30], Gen.Int[1, 4], Gen.Int[1, 7], Gen.Long[0, long.MaxValue]).Sample(
            (drawn, variants, shards, seed) =>
            {
                var rows = drawn.Take(Math.Max(variants, drawn.Length / variants * variants)).ToArray();
                rows = rows.Length < variants ? [.. Enumerable.Repeat(rows[0], variants)] : rows;
                var store = new PreparedStore(model.Folder);
                using var spool = store.CreateSpool(variants);
                foreach (var row in rows)
                    spool.Add(spool.Count % 3, spool.Count + 1, TokensOf(row), SpansOf(row), row.Right);
                store.Write("key", spool, spool.Report(0, 0), DealtRows.Of(rows.Length, variants, shards, seed));
                using var read = store.Open("key", out _)!.Rows;

                return read.Count == rows.Length && read.HasChoices && read.Variants == variants && Enumerable.Range(0, read.Count).All(row => IsRead(read, row, rows[row]));
            },
            iter: 100, threads: 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Bytes_are_the_same_for_any_number_of_threads(int threads)
    {
        using var job = new ChoiceJob().Task(ChoiceJob.TwoTemplates).Train([.. Enumerable.Range(0, 700).Select(row => ChoiceJob.Row(new string('a', row % 40), $"b{row}", row % 2))]);
        using var data = DataPreparation.Prepare(job.Spec(), job.Job.Cache, new PreparationOptions { Threads = threads }, CancellationToken.None);

        Assert.Equal(1400, data.Train.Count);
        Assert.Equal("1ec18827dddbae90", string.Concat(data.Files.Select(file => file.File.Sha256[..4])));
    }

    [Fact]
    public void A_set_without_choices_has_the_bytes_that_it_always_had()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        using var data = job.Prepare();

        Assert.Equal("9d2438f4 39bef7e3 956f263f 86b8bdf4", string.Join(' ', data.Files.Select(file => file.File.Sha256[..8])));
        Assert.False(data.Train.HasChoices);
        Assert.Null(data.Train.RightChoice(0));
    }

    [Theory]
    [InlineData(".rows")]
    [InlineData(".index")]
    public void Whatever_byte_is_damaged_the_rows_are_read_as_they_are_or_not_at_all(string ending)
    {
        using var job = new ChoiceJob().Task(ChoiceJob.TwoTemplates).Train(ChoiceJob.Rows(6));
        using (job.Prepare(microBatches: 2))
        {
        }
        var shards = Directory.GetFiles(Path.Combine(job.Job.Cache, "prepared", "shards"));
        var index = shards.Single(path => path.EndsWith(".index", StringComparison.Ordinal));
        var rows = shards.Where(path => path.EndsWith(".rows", StringComparison.Ordinal)).ToArray();
        var files = shards.Where(path => path.EndsWith(ending, StringComparison.Ordinal)).ToDictionary(path => path, File.ReadAllBytes);
        var (refused, read) = (0, 0);
        Gen.Select(Gen.Int[0, files.Count - 1], Gen.Int[0, 1 << 20], Gen.Int[0, 255], Gen.Int[0, 9]).Sample(
            (file, place, value, kind) =>
            {
                var (path, sound) = files.ElementAt(file);
                var at = place % sound.Length;
                File.WriteAllBytes(path, kind == 0 ? sound[..at] : [.. sound[..at], (byte)value, .. sound[(at + 1)..]]);
                try
                {
                    using var opened = PreparedRows.Open(index, rows);
                    Enumerable.Range(0, opened.Count).ToList().ForEach(row => Assert.InRange(opened.RightChoice(row) ?? -1, 0, opened.Labelled(row).Length - 1));
                    read++;
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
                finally
                {
                    File.WriteAllBytes(path, sound);
                }
            },
            iter: 1000, threads: 1);

        Assert.True(refused > 100 && read > 0, $"{refused} refused, {read} read");
    }

    [Fact]
    public void A_shard_of_another_right_choice_than_the_index_counts_is_refused()
    {
        using var job = new ChoiceJob().Task(ChoiceJob.TwoTemplates.Replace("[Y, N]", "[Yes, N]", StringComparison.Ordinal)).Train(ChoiceJob.Row("a", "b", "yes"));
        using var data = job.Prepare(spec => spec with { Templates = ["one"] }, microBatches: 1);
        job.Train(ChoiceJob.Row("a", "b", "no"));
        using var other = job.Prepare(spec => spec with { Templates = ["one"] }, microBatches: 1);
        string PathOf(PreparedData of, string name) => of.Files.Single(file => file.File.Name == name).Path;

        var refused = Assert.Throws<InvalidDataException>(() => PreparedRows.Open(PathOf(data, "train.index"), [PathOf(other, "train/0")]));

        Assert.EndsWith("row 0 is not as the index says", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_with_choices_does_not_pass_for_one_without()
    {
        using var choices = new ChoiceJob().Task(ChoiceJob.TwoTemplates).Train(ChoiceJob.Row("a", "b", "yes"));
        using var one = choices.Prepare(spec => spec with { Templates = ["one"] }, microBatches: 1);
        using var plain = new PreparedJob().Train(PreparedJob.Row("q", "a"));
        using var other = plain.Prepare(microBatches: 1);

        var refused = Assert.Throws<InvalidDataException>(() => PreparedRows.Open(one.Files[0].Path, [other.Files[1].Path]));

        Assert.EndsWith("rows have no choices, and the index says otherwise", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => PreparedRows.Open(other.Files[0].Path, [one.Files[1].Path]));
    }

    private static int[] TokensOf((int Prompt, int[] Choices, int Right) row) => [.. Enumerable.Range(0, row.Prompt + row.Choices.Sum())];

    private static LabelSpan[] SpansOf((int Prompt, int[] Choices, int Right) row) =>
        [.. row.Choices.Select((length, number) => new LabelSpan(row.Prompt + row.Choices.Take(number).Sum(), row.Prompt + row.Choices.Take(number + 1).Sum()))];

    private static bool IsRead(PreparedRows read, int row, (int Prompt, int[] Choices, int Right) written) =>
        read.Tokens(row).SequenceEqual(TokensOf(written)) && read.Labelled(row).SequenceEqual(SpansOf(written)) && read.RightChoice(row) == written.Right
        && read.PromptLength(row) == written.Prompt && read.Length(row) == written.Prompt + written.Choices.Max()
        && read.Labels(row) == written.Choices[written.Right] && read.WrongLabels(row) == written.Choices.Sum() - written.Choices[written.Right]
        && read.File(row) == row % 3 && read.Line(row) == row + 1;
}
