using CsCheck;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>How often the rows of a mixture stand in a pass.</summary>
public sealed class MixtureTests
{
    [Fact]
    public void Epochs_repeat_the_rows_and_a_fraction_draws_a_part() => Assert.Equal(
        "0 1 2 | 3 4 5 6 3 4 5 6 4 6 | 7 9",
        string.Join(" | ", Parts([new DataSource { Path = "a" }, Epochs("b", 2.5), Epochs("c", 0.5)], [3, 4, 4], 5)));

    [Fact]
    public void Weights_share_as_many_rows_as_there_are()
    {
        // 3 : 1 of 12 rows: nine and three.
        var pass = Mixture.Pass([Weight("a", 3), Weight("b", 1)], [4, 8], 7);

        Assert.Equal(9, pass.Count(row => row < 4));
        Assert.Equal(3, pass.Count(row => row >= 4));
        Assert.All(Enumerable.Range(0, 4), row => Assert.InRange(pass.Count(one => one == row), 2, 3));
    }

    [Fact]
    public void Whole_rows_go_to_the_largest_remainders()
    {
        // 2.33 and 4.67 of seven.
        var pass = Mixture.Pass([Weight("a", 1), Weight("b", 2)], [3, 4], 7);

        Assert.Equal((2, 5), (pass.Count(row => row < 3), pass.Count(row => row >= 3)));
    }

    [Fact]
    public void An_entry_without_rows_has_no_share() => Assert.Equal(
        "b: has no rows that are used, so it cannot have a share of the mixture. Remove it.",
        Assert.Throws<BadInputException>(() => Mixture.Pass([Weight("a", 3), Weight("b", 1)], [4, 0], 7)).Message);

    [Fact]
    public void A_pass_beyond_all_numbers_is_refused() => Assert.Equal(
        "the mixture has 3,000,000,000 rows in a pass, more than 2,147,483,647. Lower the epochs.",
        Assert.Throws<BadInputException>(() => Mixture.Pass([Epochs("a", 1000)], [3_000_000], 7)).Message);

    [Fact]
    public void Rows_of_an_entry_differ_by_one_repeat_at_most_and_shares_add_up() =>
        Gen.Select(Gen.Select(Gen.Int[1, 50], Gen.Double[0.01, 20]).Array[1, 6], Gen.Bool, Gen.Long[0, long.MaxValue]).Sample((entries, weighted, seed) =>
        {
            DataSource[] sources = [.. entries.Select((entry, number) => weighted ? Weight($"{number}", entry.Item2) : Epochs($"{number}", entry.Item2))];
            int[] counts = [.. entries.Select(entry => entry.Item1)];
            var pass = Mixture.Pass(sources, counts, seed);
            var first = 0;
            foreach (var (count, number) in entries)
            {
                int[] times = [.. Enumerable.Range(first, count).Select(row => pass.Count(one => one == row))];
                Assert.InRange(times.Max() - times.Min(), 0, 1);
                if (!weighted)
                    Assert.InRange(times.Sum() - number * count, -0.5, 0.5);
                first += count;
            }
            if (weighted)
                Assert.Equal(counts.Sum(), pass.Count);
            Assert.Equal(pass, Mixture.Pass(sources, counts, seed));
        }, iter: 200, threads: 1);

    [Fact]
    public void A_mixture_is_prepared_as_it_says()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3)).Eval(PreparedJob.Row("x ", "y"));
        var sources = new DataSources([new DataSource { Path = job.TrainPath }, Epochs(job.EvalPath, 3)]);
        using var data = job.Prepare(spec => spec with { Train = sources, Eval = null });

        Assert.Equal(["a0", "a1", "a2", "y", "y", "y"], Answers(data.Train, data));
        Assert.Equal((6, 0), (data.Report.Train.Rows, data.Report.Train.Skipped));
    }

    [Fact]
    public void The_lines_of_every_file_are_its_own()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(2)).Eval("", "{}");
        var both = new DataSources([new DataSource { Path = job.TrainPath }, new DataSource { Path = job.EvalPath }]);

        Assert.StartsWith($"{job.EvalPath}:2: \"prompt\" is missing.", Assert.Throws<BadInputException>(() => job.Prepare(spec => spec with { Train = both, Eval = null })).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Answers(PreparedRows rows, PreparedData data) =>
        Enumerable.Range(0, rows.Count).Select(row => data.Tokenizer.Decode(rows.Completion(row), skipSpecialTokens: true));

    private static DataSource Epochs(string path, double epochs) => new() { Path = path, Epochs = epochs };

    private static DataSource Weight(string path, double weight) => new() { Path = path, Weight = weight };

    private static IEnumerable<string> Parts(IReadOnlyList<DataSource> sources, int[] counts, long seed)
    {
        var pass = Mixture.Pass(sources, counts, seed);
        var (first, at) = (0, 0);
        foreach (var count in counts)
        {
            var end = first + count;
            var part = pass.Skip(at).TakeWhile(row => row < end).ToList();
            (first, at) = (end, at + part.Count);
            yield return string.Join(' ', part);
        }
    }
}
