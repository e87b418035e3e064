using System.Globalization;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// T-Few (Liu et al. 2022, arXiv 2205.05638): IA3 on keys, values and feed-forward of every layer, with the paper's training as defaults. Those are Adafactor at 3e-3
/// with scale_parameter, batches of 8, 1000 steps, 60 of them warm-up, and a linear fall. With data.format choices it learns by training.choice_loss. What it exports is an IA3 adapter.
/// </summary>
public sealed record TFewSpec : MethodSpec, IStartsFromAdapter
{
    private const int PaperSteps = 1000, PaperWarmup = 60;

    public override string Type => "t-few";

    public override double DefaultLearningRate => 3e-3;

    /// <summary>A folder with an IA3 adapter in the Hugging Face PEFT layout that training starts from, with the same vectors; null: ones, so that the adapted model starts as the base.</summary>
    [LocalPath]
    public string? InitialAdapter { get; init; }

    public override IReadOnlyDictionary<string, string> TrainingDefaults(IReadOnlyDictionary<string, string> given)
    {
        var defaults = new Dictionary<string, string>(base.TrainingDefaults(given))
        {
            ["optim"] = "adafactor",
            ["micro_batch_size"] = "2",
            ["micro_batches"] = "4",
            ["lr_scheduler_type"] = "linear",
            ["weight_decay"] = "0",
            ["max_grad_norm"] = "1",
        };
        if (given.GetValueOrDefault("optim", "adafactor") == "adafactor")
            defaults["adafactor.scale_parameter"] = "true";
        // Steps win over epochs: who asks for epochs and names no steps wants epochs.
        if (!given.ContainsKey("num_train_epochs"))
            defaults["max_steps"] = Text(PaperSteps);
        if (!given.ContainsKey("warmup_steps") && !given.ContainsKey("warmup_ratio") && given.GetValueOrDefault("lr_scheduler_type") != "one_cycle")
            AddWarmup(defaults, given.GetValueOrDefault("max_steps") ?? defaults.GetValueOrDefault("max_steps"));
        return defaults;
    }

    /// <summary>The paper's warm-up; of fewer steps, or of epochs, the same share.</summary>
    private static void AddWarmup(Dictionary<string, string> defaults, string? maxSteps)
    {
        if (!int.TryParse(maxSteps, NumberStyles.None, CultureInfo.InvariantCulture, out var steps))
            defaults["warmup_ratio"] = Text((double)PaperWarmup / PaperSteps);
        else
            defaults["warmup_steps"] = Text(steps >= PaperSteps ? PaperWarmup : (int)Math.Ceiling((double)steps * PaperWarmup / PaperSteps));
    }

    private static string Text<T>(T number) where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);
}
