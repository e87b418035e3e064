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
        var options = new StepBenchmarkOptions(Read(config), MethodRegistry.Default(method), rows.Batch, rows.Length, threads) { BaseDtype = dtype };
        return StepBenchmark.RunAsync(options with { GradientCheckpointing = memory.Checkpointing, Memory = memory.Limit }, cancellation);
    }

    /// <summary>How fast rows of unlike lengths are learnt from, by how they are put together.</summary>
    /// <param name="config">A model's config.json.</param>
    /// <param name="method">A method's name; it has its defaults.</param>
    /// <param name="rows">How many rows, how many to a micro-batch, how many packed ones to a micro-batch, and the most tokens of one.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    /// <exception cref="BadInputException">The file is missing or describes no model that is known here, or the model is no decoder.</exception>
    public static Task<RowsBenchmarkResult> OfRowsAsync(string config, string method, (int Count, int Batch, int Packed, int Length) rows, int threads, CancellationToken cancellation)
    {
        var model = Read(config);
        if (model.Task != PeftTask.CausalLanguageModel)
            throw new BadInputException($"--config: {config}: rows of model_type {model.ModelType} are not packed. Name a decoder's.");
        if (MethodRegistry.Default(method) is PromptTuningSpec or PTuningSpec)
            throw new BadInputException($"--method: {method} puts virtual tokens before each row, and packed rows have no room for them. Take lora or another one.");
        return RowsBenchmark.RunAsync(new RowsBenchmarkOptions(model, MethodRegistry.Default(method), rows.Count, rows.Batch, rows.Packed, rows.Length, threads), cancellation);
    }

    private static ModelConfig Read(string config) =>
        File.Exists(config) ? ModelConfigFile.LoadFile(config) : throw new BadInputException($"--config: {config}: no such file. Name a model's config.json.");
}
