using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Bench;
using PeftCluster.Training.Models;

namespace PeftCluster.Server.Node;

/// <summary>A training step of a model that is known by its config.json only.</summary>
public static class StepMeasurement
{
    /// <param name="config">A model's config.json.</param>
    /// <param name="method">A method's name; it has its defaults.</param>
    /// <param name="dtype">The number format of the base's weights.</param>
    /// <param name="rows">Rows of the micro-batch, and the tokens of each.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="memory">Which layers compute their activations again, and the most bytes that a step may take, or null.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    /// <exception cref="BadInputException">The file is missing or describes no model that is known here, or the model or the method is computed in float32 only.</exception>
    public static Task<StepBenchmarkResult> OfAsync(
        string config, string method, BaseDtype dtype, (int Batch, int Length) rows, int threads, (GradientCheckpointing Checkpointing, long? Limit) memory, CancellationToken cancellation)
    {
        if (!File.Exists(config))
            throw new BadInputException($"--config: {config}: no such file. Name a model's config.json.");
        var options = new StepBenchmarkOptions(ModelConfigFile.LoadFile(config), MethodRegistry.Default(method), rows.Batch, rows.Length, threads) { BaseDtype = dtype };
        return StepBenchmark.RunAsync(options with { GradientCheckpointing = memory.Checkpointing, Memory = memory.Limit }, cancellation);
    }
}
