using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Bench;

/// <summary>What is measured.</summary>
/// <param name="Config">A decoder; its weights are random.</param>
/// <param name="Method">The adapter.</param>
/// <param name="Rows">Rows of the data, each learnt from once in each way.</param>
/// <param name="Batch">Rows of a micro-batch where each has a padded row of its own.</param>
/// <param name="Packed">Packed rows of a micro-batch.</param>
/// <param name="Length">The most tokens of a row, and those of a packed one.</param>
/// <param name="Threads">Threads inside one operation.</param>
public sealed record RowsBenchmarkOptions(ModelConfig Config, MethodSpec Method, int Rows, int Batch, int Packed, int Length, int Threads);

/// <summary>One way to put rows together.</summary>
/// <param name="Way">random, grouped or packed.</param>
/// <param name="MicroBatches">Into how many micro-batches.</param>
/// <param name="Shapes">Of how many shapes.</param>
/// <param name="Padding">The share of tokens that are padding, 0 to 1.</param>
/// <param name="Seconds">Gradients of all rows.</param>
/// <param name="RowsPerSecond">Rows ÷ <paramref name="Seconds"/>.</param>
public sealed record RowsBenchmarkRow(string Way, int MicroBatches, int Shapes, double Padding, double Seconds, double RowsPerSecond);

/// <summary>How fast rows are learnt from, by how they are put together.</summary>
/// <param name="Ways">Each way.</param>
/// <param name="MeanTokens">Tokens of a row.</param>
/// <param name="Speedup">Rows a second packed ÷ in random batches.</param>
/// <param name="PaddedByReal">Padded ÷ real tokens of the random batches: what packing could gain at most if a padded token cost what a real one does.</param>
/// <param name="Bound">0.9 × <paramref name="PaddedByReal"/>.</param>
/// <param name="Holds">Whether the speedup reaches the bound.</param>
public sealed record RowsBenchmarkResult(IReadOnlyList<RowsBenchmarkRow> Ways, double MeanTokens, double Speedup, double PaddedByReal, double Bound, bool Holds);
