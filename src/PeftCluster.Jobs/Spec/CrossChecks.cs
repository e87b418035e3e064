using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec;

/// <summary>What no key can know alone: checks over several keys, once all of them are read.</summary>
internal static class CrossChecks
{
    public static void Check(JobSpec job, MapNode root, JobWords words)
    {
        var training = job.Training;
        if (training.MaxSteps is > 0 and var steps && training.WarmupSteps > steps)
            throw At(root, "training.warmup_steps",
                $"{training.WarmupSteps} is above training.max_steps, {steps}: the rate would never reach its peak. Lower it, or raise max_steps.");
        Stepped(training, root);
        Averaged(job, root);
        HeldOut(job.Data, root);
        Evaluated(job, root);
        Compared(job, root);
        Plugged(job, root, words);
        Shaped(job, root);
        Chosen(job.Data, root);
        if (job.Data.Format == DataFormat.Choices)
            ChoicesLearnt(job.Training, root);
        if (job is { Data.Packing: true, Method: PromptTuningSpec or PTuningSpec })
            throw At(root, "data.packing", $"{job.Method.Type} puts virtual tokens before each row, and packed rows have no room for them. Remove packing, or take lora or prefix_tuning.");
        if (job.Method.Contradiction is { } contradiction)
            throw At(root, $"method.{contradiction.Key}", contradiction.What);
        if (job.Output.Folder == job.Model)
            throw At(root, "output.folder", "this is the model's folder, which nothing may write to. Choose another one.");
    }

    /// <summary>Keys of optimizers and schedules that say two things at once.</summary>
    private static void Stepped(TrainingSpec training, MapNode root)
    {
        var schedule = training.LrSchedulerKwargs;
        if (schedule is { MinLr: not null, MinLrRate: not null })
            throw At(root, "training.lr_scheduler_kwargs.min_lr", "min_lr_rate says the same as a share of the peak. Remove one of them.");
        if (schedule.MinLr > training.LearningRate)
            throw At(root, "training.lr_scheduler_kwargs.min_lr", "it is above training.learning_rate, the peak. Lower it.");
        if (schedule.AnnealStrategy == DecayShape.OneMinusSqrt)
            throw At(root, "training.lr_scheduler_kwargs.anneal_strategy", "one_cycle goes by cosine or linear. Choose one of them.");
        if (training.LrSchedulerType == LrSchedulerType.OneCycle && (training.WarmupSteps > 0 || training.WarmupRatio > 0))
            throw At(root, training.WarmupSteps > 0 ? "training.warmup_steps" : "training.warmup_ratio", "one_cycle rises by itself, for lr_scheduler_kwargs.pct_start of all steps. Remove the warm-up.");
        if (training.Sgd is { Nesterov: true, Momentum: 0 })
            throw At(root, "training.sgd.nesterov", "it needs a momentum. Set sgd.momentum, or remove nesterov.");
        if (training.ChoiceLoss is { LanguageModel: 0, Unlikelihood: 0, LengthNormalised: 0 })
            throw At(root, "training.choice_loss", "all three weights are 0, so nothing would be learnt. Give language_model, unlikelihood or length_normalised a weight above 0.");
        if (training.Adafactor is { WarmupInit: true, RelativeStep: false })
            throw At(root, "training.adafactor.warmup_init", "it is a part of relative_step. Set relative_step too, or use warmup_steps.");
    }

    private static void Averaged(JobSpec job, MapNode root)
    {
        var training = job.Training;
        if (training.EmaDecay is not null && job.Method is PrunedSpec)
            throw At(root, "training.ema_decay", $"{job.Method.Type} prunes ranks, and an average would bring them back. Remove ema_decay, or take lora.");
        if (training.EmaDecay is null && training.EmaUpdateAfterStep > 0)
            throw At(root, "training.ema_update_after_step", "there is no average. Add ema_decay, or remove ema_update_after_step.");
    }

    /// <summary>Keys about which rows are taken.</summary>
    private static void HeldOut(DataSpec data, MapNode root)
    {
        if (data is { Eval: not null, EvalFraction: not null })
            throw At(root, "data.eval_fraction", "data.eval names the held-out rows. Remove one of the two.");
        if (data is { EvalFraction: null, SplitSeed: not 0 })
            throw At(root, "data.split_seed", "it is a part of eval_fraction. Add eval_fraction, or remove split_seed.");
        if (data.MinLength > data.MaxLength)
            throw At(root, "data.min_length", $"{data.MinLength} is above data.max_length, {data.MaxLength}: no row could be both. Lower it.");
    }

    /// <summary>What is decided by measuring needs something to measure, and when.</summary>
    private static void Evaluated(JobSpec job, MapNode root)
    {
        var training = job.Training;
        if (training.EvalSteps is not null && !job.Data.HasEval)
            throw At(root, "training.eval_steps", "there are no held-out rows to measure. Add data.eval or data.eval_fraction, or remove eval_steps.");
        if (training.EvalSteps is null && training.EarlyStoppingPatience is not null)
            throw At(root, "training.early_stopping_patience", "nothing is measured during training that could stop it. Add eval_steps, or remove early_stopping_patience.");
        if (training.EvalSteps is null && training.LoadBestModelAtEnd)
            throw At(root, "training.load_best_model_at_end", "nothing is measured during training that could be best. Add eval_steps, or remove load_best_model_at_end.");
        if (job is { Evaluation.Balanced: true, Data.Format: not DataFormat.Choices })
            throw At(root, "evaluation.balanced", $"rows of data.format: {SnakeCase.Of(job.Data.Format.ToString())} have no choices. Remove it, or set data.format: choices.");
        if (training.MaxSteps == 0 && (!job.Data.HasEval || job.Evaluation.Shots.Count == 0))
            throw At(root, "training.max_steps", $"0 measures the base and trains nothing, and there {(job.Data.HasEval ? "is no evaluation.shots to measure it with. Set shots to [0]" : "are no held-out rows to measure it on. Add data.eval or data.eval_fraction")}, or raise max_steps.");
        if (training.EarlyStoppingPatience is null && training.EarlyStoppingThreshold > 0)
            throw At(root, "training.early_stopping_threshold", "it is a part of early stopping. Add early_stopping_patience, or remove early_stopping_threshold.");
    }

    /// <summary>Keys that say something of conversations, beside rows that are none.</summary>
    private static void Shaped(JobSpec job, MapNode root)
    {
        var data = job.Data;
        if (data is { Format: DataFormat.Text, ChatTemplate: not null })
            throw At(root, "data.chat_template", "rows of text are learnt as they are. Remove chat_template, or choose another format.");
        var isChat = data.Format is DataFormat.Messages or DataFormat.Sharegpt || data.ChatTemplate is not null;
        if ((isChat || data.Format == DataFormat.Text) && job.Evaluation.Shots.Any(shots => shots > 0))
            throw At(root, "evaluation.shots", $"examples stand before a prompt in plain rows only, not {(isChat ? "in conversations" : "before documents")}. Set shots to [0], or to [].");
    }

    /// <summary>Keys about answer choices, and beside them.</summary>
    private static void Chosen(DataSpec data, MapNode root)
    {
        if (data is { TrainExamples: not null, Train.IsPlain: false })
            throw At(root, "data.train_examples", "the entries of a mixture say how often each row is taken. Remove their weights and epochs, or train_examples.");
        if (data is { Balanced: true, TrainExamples: null })
            throw At(root, "data.balanced", "it is a part of train_examples. Add train_examples, or remove balanced.");
        if (data.Format == DataFormat.Choices)
            BesideChoices(data, root);
        else if (data.Task is not null)
            throw At(root, "data.task", "only rows with choices have a task. Set data.format: choices, or remove task.");
        else if (data.Templates is not null)
            throw At(root, "data.templates", "only a task has templates. Set data.format: choices and data.task, or remove templates.");
        else if (data.Balanced || data.ShuffleLabels)
            throw At(root, data.Balanced ? "data.balanced" : "data.shuffle_labels", $"rows of data.format: {SnakeCase.Of(data.Format.ToString())} have no choices. Remove it, or set data.format: choices.");
    }

    private static void BesideChoices(DataSpec data, MapNode root)
    {
        if (data.Task is null)
            throw At(root, "data.task", "missing. Format choices needs a task: a built-in one, for example rte, or the path of a file that ends in .yaml (docs/tasks.md).");
        if (data.Packing)
            throw At(root, "data.packing", "a prompt with its choices fills a row of its own. Remove packing.");
        if (data.LossOn == LossOn.Everything)
            throw At(root, "data.loss_on", "of rows with choices the choices are learnt, not the prompt. Remove loss_on.");
        if (data.ChatTemplate is not null)
            throw At(root, "data.chat_template", "rows with choices are no conversations: their texts are what the task's templates say. Remove chat_template.");
    }

    /// <summary>Rows with choices have losses of their own.</summary>
    private static void ChoicesLearnt(TrainingSpec training, MapNode root)
    {
        if (training.LabelSmoothingFactor > 0)
            throw At(root, "training.label_smoothing_factor", "rows with choices are learnt by training.choice_loss, which has no smoothing. Remove label_smoothing_factor.");
        if (training.Loss is { } loss)
            throw At(root, "training.loss", $"rows with choices are learnt by training.choice_loss, and {loss.Type} would stand in its place. Remove loss.");
    }

    /// <summary>What versions are compared by has to be measured.</summary>
    private static void Compared(JobSpec job, MapNode root)
    {
        var metric = BestMetric.Of(job.Training);
        string[] known = [.. BestMetric.BuiltIn.Select(one => one.Name), .. job.Evaluation.Metrics];
        if (!known.Contains(metric.Name))
            throw At(root, "training.metric_for_best_model", $"expected one of {string.Join(", ", known)}, found {metric.Name}.{Nearest.Hint(metric.Name, known)} Another metric has to stand in evaluation.metrics.");
        if (BestMetric.BuiltIn.Any(one => one.Name == metric.Name && one != metric))
            throw At(root, "training.greater_is_better", $"of {metric.Name} {(metric.GreaterIsBetter ? "less" : "more")} is better. Remove greater_is_better.");
    }

    /// <summary>What plugins bring has to be there, and to stand alone where it takes somebody's place.</summary>
    private static void Plugged(JobSpec job, MapNode root, JobWords words)
    {
        if (job.Training is { Loss: { } loss, LabelSmoothingFactor: > 0 })
            throw At(root, "training.label_smoothing_factor", $"it is a part of cross-entropy, and training.loss is {loss.Type}. Remove one of them.");
        if (job.Training.Loss?.Contradiction is { } contradiction)
            throw At(root, $"training.loss.{contradiction.Key}", contradiction.What);
        string[] metrics = [.. EvaluationSpec.BuiltInMetrics, .. words.Metrics];
        if (!words.KeepsUnknown && job.Evaluation.Metrics.FirstOrDefault(metric => !metrics.Contains(metric)) is { } stranger)
            throw At(root, "evaluation.metrics", $"{stranger} is no metric. Known: {string.Join(", ", metrics)}.{Nearest.Hint(stranger, metrics)}{(words.Metrics.Count == 0 ? " The job's plugins have none." : "")}");
    }

    private static BadInputException At(MapNode root, string key, string what)
    {
        YamlNode node = root;
        foreach (var part in key.Split('.'))
            node = (node as MapNode)?.Get(part) ?? node;
        return node.Place.Error(key, what);
    }
}
