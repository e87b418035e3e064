using System.Globalization;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What a user should know of examples that found no room in prompts, once for a measurement.</summary>
public static class LeftOutExamples
{
    /// <summary>One line; null where none was left out.</summary>
    /// <param name="rows">What was measured.</param>
    /// <param name="shots">Examples that were asked for.</param>
    public static string? Warning(IReadOnlyList<RowEvaluation> rows, int shots)
    {
        var prompts = rows.Count(row => row.LeftOut > 0);
        return prompts == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"evaluation.shots: with {shots} examples {prompts:N0} of {rows.Count:N0} prompts would be longer than the model can see, so {rows.Sum(row => row.LeftOut):N0} examples, the oldest of each, were left out");
    }
}
