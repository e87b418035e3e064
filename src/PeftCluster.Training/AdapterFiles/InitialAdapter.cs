using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>The adapter that training starts from (<see cref="IStartsFromAdapter"/>), ours or anybody's: of the same method, with the same tensors.</summary>
public static class InitialAdapter
{
    /// <summary>Whether training can start as the job says, where it says so.</summary>
    /// <param name="method">The job's.</param>
    /// <param name="plan">What is trained.</param>
    /// <exception cref="BadInputException">The adapter is missing, of another method or of other shapes.</exception>
    public static void Check(MethodSpec method, AdapterPlan plan)
    {
        if (method is IStartsFromAdapter { InitialAdapter: { } folder })
            Read(folder, plan);
    }

    /// <summary>Its vector, in the plan's layout.</summary>
    /// <exception cref="BadInputException">As in <see cref="Check"/>.</exception>
    public static float[] Read(string folder, AdapterPlan plan)
    {
        try
        {
            var adapter = AdapterFolder.Open(folder, _ => { });
            if (adapter.Method.GetType() != plan.Method.GetType())
                throw new BadInputException($"{folder} is an adapter of {adapter.Method.Type}, and training of {plan.Method.Type} starts from one of its own. Name another folder.");
            CheckVectors(folder, adapter, plan);
            return adapter.Read(plan.Layout);
        }
        catch (BadInputException refused)
        {
            throw new BadInputException($"method.initial_adapter: {refused.Message}", refused);
        }
    }

    private static void CheckVectors(string folder, AdapterFolder adapter, AdapterPlan plan)
    {
        string[] here = [.. plan.Layout.Slices.Select(slice => slice.Key)], there = [.. adapter.Weights.Tensors.Select(tensor => tensor.Name)];
        var odd = there.Except(here).Concat(here.Except(there)).FirstOrDefault();
        if (odd is not null)
            throw new BadInputException($"{folder} has other vectors than are trained ({plan.Summary}): {odd} is {(there.Contains(odd) ? "only there" : "not there")}. Name another folder, or take ia3 with that adapter's target_modules and feedforward_modules.");
    }
}
