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
        Evaluated(job, root);
        if (job.Method.Contradiction is { } contradiction)
            throw At(root, $"method.{contradiction.Key}", contradiction.What);
        if (job.Output.Folder == job.Model)
            throw At(root, "output.folder", "this is the model's folder, which nothing may write to. Choose another one.");
    }

    /// <summary>What is decided by measuring needs something to measure, and when.</summary>
    private static void Evaluated(JobSpec job, MapNode root)
    {
        var training = job.Training;
        if (training.EvalSteps is not null && job.Data.Eval is null)
            throw At(root, "training.eval_steps", "there are no held-out rows to measure. Add data.eval, or remove eval_steps.");
        if (training.EvalSteps is null && training.EarlyStoppingPatience is not null)
            throw At(root, "training.early_stopping_patience", "nothing is measured during training that could stop it. Add eval_steps, or remove early_stopping_patience.");
        if (training.EvalSteps is null && training.LoadBestModelAtEnd)
            throw At(root, "training.load_best_model_at_end", "nothing is measured during training that could be best. Add eval_steps, or remove load_best_model_at_end.");
        if (training.EarlyStoppingPatience is null && training.EarlyStoppingThreshold > 0)
            throw At(root, "training.early_stopping_threshold", "it is a part of early stopping. Add early_stopping_patience, or remove early_stopping_threshold.");
    }

    private static BadInputException At(MapNode root, string key, string what)
    {
        YamlNode node = root;
        foreach (var part in key.Split('.'))
            node = (node as MapNode)?.Get(part) ?? node;
        return node.Place.Error(key, what);
    }
}
