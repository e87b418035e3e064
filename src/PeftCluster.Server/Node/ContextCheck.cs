using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Training.Models;

namespace PeftCluster.Server.Node;

/// <summary>Whether every prepared row fits into what the model was made for. Computing beyond it would be no error, only nonsense.</summary>
internal static class ContextCheck
{
    /// <exception cref="BadInputException">A row is longer.</exception>
    public static void Of(PreparationReport report, ModelConfig config, int maxLength)
    {
        Check("data.train", report.Train, config, maxLength);
        if (report.Eval is { } eval)
            Check("data.eval", eval, config, maxLength);
    }

    private static void Check(string key, SetReport set, ModelConfig config, int maxLength)
    {
        if (set.Longest > config.ContextLength)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"data.max_length: {maxLength:N0} lets rows of {key} be {set.Longest:N0} tokens long, but the model was made for {config.ContextLength:N0} (max_position_embeddings in config.json). Set it to {config.ContextLength} or less."));
    }
}
