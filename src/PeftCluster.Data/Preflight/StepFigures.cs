using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Preflight;

/// <summary>What the plan makes of the rows.</summary>
/// <param name="Steps">Steps of the whole job.</param>
/// <param name="StepsPerEpoch">Steps of a pass over the rows.</param>
/// <param name="Epochs">Passes, as far as the steps reach.</param>
/// <param name="TokensPerStep">Tokens of a step without padding, the mean of the first pass.</param>
/// <param name="TokensPerEpoch">Tokens of a pass without padding.</param>
/// <param name="LabelsPerEpoch">Those that carry a label.</param>
/// <param name="PaddingShare">The share of computed tokens that is padding, 0 to 1.</param>
/// <param name="Rows">How rows come together: packed, grouped (by length) or random.</param>
public sealed record StepFigures(
    int Steps, int StepsPerEpoch, double Epochs, double TokensPerStep, long TokensPerEpoch, long LabelsPerEpoch, double PaddingShare, string Rows)
{
    /// <summary>Plans the first pass.</summary>
    public static StepFigures Of(JobSpec job, IRowIndex rows)
    {
        var planner = new StepPlanner(job, rows);
        var (tokens, labels, computed) = (0L, 0L, 0L);
        for (var step = 0; step < planner.StepsPerEpoch; step++)
        {
            foreach (var batch in planner.For(step).MicroBatches)
            {
                tokens += batch.Tokens;
                labels += batch.Labels;
                computed += (long)batch.PaddedLength * batch.PaddedRows;
            }
        }
        return new StepFigures(
            planner.TotalSteps, planner.StepsPerEpoch, (double)planner.TotalSteps / planner.StepsPerEpoch, (double)tokens / planner.StepsPerEpoch, tokens, labels,
            1 - (double)tokens / computed, job.Data.Packing ? "packed" : job.Training.GroupByLength ? "grouped" : "random");
    }
}
