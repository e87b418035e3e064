using System.Collections.Immutable;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// One measurement under way: the held-out rows in fixed batches, in the order of the rows, whoever computes them. Batches are fixed
/// because the shape of a batch can change the last bit.
/// </summary>
/// <param name="Number">The measurement's number within the attempt.</param>
/// <param name="Target">What is measured.</param>
/// <param name="Batches">Rows of each batch.</param>
/// <param name="Results">What is measured so far.</param>
/// <param name="Times">Milliseconds of the measured batches, ascending.</param>
/// <param name="FailedAt">Workers that could not measure a batch.</param>
/// <param name="Vector">What the adapter is fetched under; null until it can be, and nothing is given out.</param>
public sealed record EvaluationBoard(
    int Number, EvaluationTarget Target, ImmutableArray<int[]> Batches, ImmutableSortedDictionary<int, IReadOnlyList<RowEvaluation>> Results,
    ImmutableList<double> Times, ImmutableSortedDictionary<int, ImmutableSortedSet<string>> FailedAt,
    int? Vector = null)
{
    public static EvaluationBoard Of(int number, EvaluationTarget target, int rows, int batchSize) => new(
        number, target, [.. Enumerable.Range(0, rows).Chunk(batchSize)], ImmutableSortedDictionary<int, IReadOnlyList<RowEvaluation>>.Empty,
        [], ImmutableSortedDictionary<int, ImmutableSortedSet<string>>.Empty);

    public bool IsComplete => Results.Count == Batches.Length;

    /// <summary>Batches without a result, ascending.</summary>
    public IEnumerable<int> Open => Enumerable.Range(0, Batches.Length).Where(batch => !Results.ContainsKey(batch));

    public int Rows => Batches.Sum(batch => batch.Length);

    public int RowsDone => Results.Keys.Sum(batch => Batches[batch].Length);

    public ImmutableSortedSet<string> FailuresOf(int batch) => FailedAt.GetValueOrDefault(batch, []);

    public EvaluationBoard Take(int batch, IReadOnlyList<RowEvaluation> rows, double milliseconds)
    {
        var place = Times.BinarySearch(milliseconds);
        return this with { Results = Results.Add(batch, rows), Times = Times.Insert(place < 0 ? ~place : place, milliseconds) };
    }

    public EvaluationBoard Fail(int batch, string worker) => this with { FailedAt = FailedAt.SetItem(batch, FailuresOf(batch).Add(worker)) };

    /// <summary>All results, in the order of the rows.</summary>
    public IReadOnlyList<RowEvaluation> All() => [.. Results.Values.SelectMany(batch => batch).OrderBy(row => row.Row)];

    /// <summary>The means, rows added in their order.</summary>
    /// <param name="variants">Templates of the held-out rows.</param>
    public EvaluationMetrics Metrics(int variants)
    {
        var rows = All();
        return new EvaluationMetrics(
            rows.Sum(row => row.LossSum) / Math.Max(1, rows.Sum(row => (long)row.Labels)),
            rows.Count(row => row.ExactMatch) / (double)Math.Max(1, rows.Count),
            rows.Sum(row => (long)row.PromptTokens) / (double)Math.Max(1, rows.Count),
            rows.Count,
            Score.Means(rows),
            ChoiceMetrics.Of(rows, variants));
    }
}
