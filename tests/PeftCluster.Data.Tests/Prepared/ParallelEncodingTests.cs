using CsCheck;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Encoding on several threads: the same files from any number, the first bad row first, and a bound on what is under way.</summary>
public sealed class ParallelEncodingTests
{
    private static string[] Rows(int count) => [.. Enumerable.Range(0, count).Select(row => PreparedJob.Row($"question {row} {new string('q', row % 17)} ", $"answer {row * 31 % 7}"))];

    private static PreparedData Prepare(PreparedJob job, string cache, int threads) =>
        DataPreparation.Prepare(job.Spec(), cache, new PreparationOptions { Threads = threads }, CancellationToken.None);

    [Fact]
    public void Any_number_of_threads_gives_the_same_files()
    {
        using var job = new PreparedJob().Train(Rows(3000)).Eval(Rows(40));

        var files = new[] { 1, 2, 8 }.Select(threads =>
        {
            var cache = $"{job.Cache}-{threads}";
            using var data = Prepare(job, cache, threads);
            return Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Order().Select(path => (Path.GetRelativePath(cache, path), Convert.ToHexString(File.ReadAllBytes(path)))).ToArray();
        }).ToArray();

        Assert.Equal(8, files[0].Length);
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Of_two_bad_rows_the_first_in_the_file_is_told_of(int threads)
    {
        var rows = Rows(2000);
        // The one that the reader finds, in a batch behind the one that the encoder finds.
        (rows[1500], rows[1100]) = ("no JSON", PreparedJob.Row(new string('x', 70), "y"));
        using var job = new PreparedJob().Train(rows);

        Assert.StartsWith($"{job.TrainPath}:1101: every label is masked", Assert.Throws<BadInputException>(() => Prepare(job, job.Cache, threads)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_fails_is_told_of_after_the_rows_before_it()
    {
        var done = new List<int>();

        Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var sum in ParallelEncoding.InOrder(FailingAt(700), _ => 1, numbers => numbers.Count, 3, CancellationToken.None))
                done.Add(sum);
        });

        Assert.Equal(700, done.Sum());
    }

    [Fact]
    public void Results_come_in_order_and_no_more_batches_than_threads_are_under_way() => Gen.Select(Gen.Int[0, 3000], Gen.Int[1, 6]).Sample((count, threads) =>
    {
        var (underWay, most) = (0, 0);
        var gate = new Lock();

        var results = ParallelEncoding.InOrder(Enumerable.Range(0, count), number => number % 900, Work, threads, CancellationToken.None).SelectMany(part => part).ToList();

        Assert.Equal(Enumerable.Range(0, count), results);
        Assert.InRange(most, count == 0 ? 0 : 1, threads);

        int[] Work(IReadOnlyList<int> numbers)
        {
            lock (gate)
                most = Math.Max(most, ++underWay);
            Thread.SpinWait(numbers[0] % 7 * 100);
            lock (gate)
                underWay--;
            return [.. numbers];
        }
    }, iter: 50);

    [Fact]
    public void Progress_counts_up_to_all_rows_and_bytes()
    {
        using var job = new PreparedJob().Train(Rows(3000));
        var seen = new Steps();

        using var data = DataPreparation.Prepare(job.Spec(), job.Cache, new PreparationOptions { Progress = seen }, CancellationToken.None);

        Assert.True(seen.All.Count > 3);
        Assert.Equal(new PreparationProgress("data.train", new FileInfo(job.TrainPath).Length, new FileInfo(job.TrainPath).Length, 3000), seen.All[^1]);
        Assert.All(seen.All.Zip(seen.All.Skip(1)), pair => Assert.True(pair.First.Rows < pair.Second.Rows && pair.First.BytesRead <= pair.Second.BytesRead));
    }

    private static IEnumerable<int> FailingAt(int count)
    {
        for (var number = 0; number < count; number++)
            yield return number;
        throw new InvalidDataException();
    }

    private sealed class Steps : IProgress<PreparationProgress>
    {
        public List<PreparationProgress> All { get; } = [];

        public void Report(PreparationProgress value) => All.Add(value);
    }
}
