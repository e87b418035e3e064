using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Bench;
using PeftCluster.Training.Models;

namespace PeftCluster.Server.Node;

/// <summary>A training step of a model that is known by its config.json only.</summary>
public static class StepMeasurement
{
    /// <exception cref="BadInputException">The file is missing or describes no model that is known here.</exception>
    public static Task<StepBenchmarkResult> OfAsync(string config, int batch, int length, int threads, CancellationToken cancellation)
    {
        if (!File.Exists(config))
            throw new BadInputException($"--config: {config}: no such file. Name a model's config.json.");
        return StepBenchmark.RunAsync(new StepBenchmarkOptions(ModelConfigFile.LoadFile(config), new LoraSpec(), batch, length, threads), cancellation);
    }
}
