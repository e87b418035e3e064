using PeftCluster.Data.Metrics;

namespace PeftCluster.Training.Evaluation;

/// <summary>A metric of free-form answers that needs no plugin: words of EvaluationSpec.BuiltInMetrics.</summary>
internal sealed class BuiltInMetric(string name, Func<string, string, double> of) : IMetric
{
    public static IReadOnlyList<BuiltInMetric> All { get; } =
    [
        new("squad_match", (answer, expected) => SquadMatch.Of(answer, expected) ? 1 : 0),
        new("token_f1", TokenF1.Of),
        new("rouge_l", RougeL.Of),
    ];

    public string Name => name;

    public double Of(MeasuredAnswer answer) => of(answer.Answer, answer.Expected);
}
