using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Costs;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Server.Comparing;

/// <summary>
/// What an arm costs, counted from the model's shapes and the rows' tokens as T-Few's paper compares methods (Liu et al. 2022, arXiv 2205.05638, section 4.2; <see cref="ExampleFlops"/>): nothing of it is
/// measured, so it is the same on every machine.
/// </summary>
/// <param name="Trained">Numbers that are trained; 0 for a prompt.</param>
/// <param name="Share">The same by the base's own numbers.</param>
/// <param name="Bytes">What has to be kept for the task: the adapter's numbers, or the examples' token ids.</param>
/// <param name="TrainingFlops">Operations for one example of a training step; 0 for a prompt.</param>
/// <param name="InferenceFlops">Operations for one answer: its prompt, examples included, and all its choices.</param>
public sealed record ArmCosts(long Trained, double Share, double Bytes, double TrainingFlops, double InferenceFlops)
{
    /// <summary>A trained arm's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="model">Its base.</param>
    /// <param name="data">Its rows.</param>
    public static ArmCosts OfMethod(JobSpec job, ModelConfig model, PreparedData data)
    {
        var plan = AdapterPlan.Of(job.Method.For(() => new StepPlanner(job, data.Train).TotalSteps), model);
        var parts = ModelParts.Of(model);
        return new ArmCosts(
            plan.Layout.Parameters, (double)plan.Layout.Parameters / model.Parameters, StorageBytes.OfAdapter(plan.Layout),
            ExampleFlops.OfTraining(parts, TokensOf(data.Train, plan.PlacesBefore), GradientReach.ReachesEncoder(plan)),
            ExampleFlops.OfInference(parts, TokensOf(data.Eval!, plan.PlacesBefore)));
    }

    /// <summary>A prompt's.</summary>
    /// <param name="model">The base.</param>
    /// <param name="data">The rows.</param>
    /// <param name="promptTokens">Tokens of a prompt, examples included, as they were measured.</param>
    public static ArmCosts OfPrompt(ModelConfig model, PreparedData data, double promptTokens)
    {
        var own = TokensOf(data.Eval!, 0);
        var tokens = own with { Shots = Math.Max(0, promptTokens - own.Source) };
        return new ArmCosts(0, 0, StorageBytes.OfShots(tokens), 0, ExampleFlops.OfInference(ModelParts.Of(model), tokens));
    }

    /// <summary>Means over a set's rows: the prompt, and all that stands behind it.</summary>
    private static ExampleTokens TokensOf(PreparedRows rows, int placesBefore)
    {
        var (source, target) = (0L, 0L);
        for (var row = 0; row < rows.Count; row++)
        {
            var prompt = rows.PromptLength(row);
            (source, target) = (source + prompt, target + rows.Tokens(row).Length - prompt);
        }
        return new ExampleTokens((double)source / rows.Count + placesBefore, (double)target / rows.Count);
    }
}
