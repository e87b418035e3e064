using System.Globalization;
using PeftCluster.Steps.Measures;

namespace PeftCluster.Server.Reports;

/// <summary>Accuracies of a task's templates as people read them: median, and in brackets the quartiles.</summary>
public static class TemplateSpread
{
    /// <summary>For example "61.0 % (58.2 to 66.4)".</summary>
    public static string Of(ChoiceMetrics choices) => string.Create(CultureInfo.InvariantCulture,
        $"{choices.Median * 100:0.0} % ({choices.Q1 * 100:0.0} to {choices.Q3 * 100:0.0})");
}
