using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Server.Node;

/// <summary>Whether every prepared row fits into what the model was made for. Computing beyond it would be no error, only nonsense.</summary>
internal static class ContextCheck
{
    /// <param name="report">The prepared rows.</param>
    /// <param name="config">The model.</param>
    /// <param name="plan">The adapter, which may stand before each row.</param>
    /// <param name="maxLength">data.max_length</param>
    /// <exception cref="BadInputException">A row is longer.</exception>
    public static void Of(PreparationReport report, ModelConfig config, AdapterPlan plan, int maxLength)
    {
        Check("data.train", report.Train, config, plan.PlacesBefore, maxLength);
        if (report.Eval is { } eval)
            Check("data.eval", eval, config, plan.PlacesBefore, maxLength);
    }

    private static void Check(string key, SetReport set, ModelConfig config, int before, int maxLength)
    {
        var most = config.ContextLength - before;
        var virtualTokens = before > 0 ? string.Create(CultureInfo.InvariantCulture, $", of which the method takes {before:N0}") : "";
        if (set.Longest > most)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"data.max_length: {maxLength:N0} lets rows of {key} be {set.Longest:N0} tokens long, but the model was made for {config.ContextLength:N0} (max_position_embeddings in config.json){virtualTokens}. Set it to {most} or less."));
    }
}
