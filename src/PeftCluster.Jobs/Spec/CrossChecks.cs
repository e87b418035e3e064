using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec;

/// <summary>What no key can know alone: checks over several keys, once all of them are read.</summary>
internal static class CrossChecks
{
    public static void Check(JobSpec job, MapNode root)
    {
        var training = job.Training;
        if (training.MaxSteps is { } steps && training.WarmupSteps > steps)
            throw At(root, "training.warmup_steps",
                $"{training.WarmupSteps} is above training.max_steps, {steps}: the rate would never reach its peak. Lower it, or raise max_steps.");
        if (job.Output.Folder == job.Model)
            throw At(root, "output.folder", "this is the model's folder, which nothing may write to. Choose another one.");
    }

    private static BadInputException At(MapNode root, string key, string what)
    {
        YamlNode node = root;
        foreach (var part in key.Split('.'))
            node = (node as MapNode)?.Get(part) ?? node;
        return node.Place.Error(key, what);
    }
}
