using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>What a run measured, for the model card.</summary>
/// <param name="Steps">Committed steps.</param>
/// <param name="TrainLoss">Mean training loss of a token over the last steps, in nats, or null.</param>
/// <param name="Measurements">On the held-out rows; empty where there are none.</param>
public sealed record ModelCardFigures(int Steps, double? TrainLoss, IReadOnlyList<ModelCardMeasurement> Measurements);

/// <summary>A line of the card's table.</summary>
/// <param name="What">For example "base, 5 examples in the prompt".</param>
/// <param name="ExactMatch">0 to 1.</param>
/// <param name="Loss">Nats per completion token.</param>
/// <param name="PromptTokens">Mean tokens of a prompt.</param>
public sealed record ModelCardMeasurement(string What, double ExactMatch, double Loss, double PromptTokens);

/// <summary>The README.md beside an adapter: the front matter that the hub reads, then what a person needs to use or make it again.</summary>
public static class ModelCard
{
    /// <summary>Its name beside the adapter.</summary>
    public const string Name = "README.md";

    /// <summary>The line by which an adapter of ours is known.</summary>
    internal const string OwnTag = "- peft-cluster";

    private const int MostSources = 8;

    // In front matter and commands a text is quoted as JSON, which YAML and POSIX shells read alike for paths.
    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the card, over an older one.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="job">What was asked.</param>
    /// <param name="trained">Trained parameters.</param>
    /// <param name="figures">What was measured; null while that is not known.</param>
    /// <param name="task">What the base is for; null: what the folder's configuration says.</param>
    public static void Write(string folder, JobSpec job, long trained, ModelCardFigures? figures, PeftTask? task = null)
    {
        task ??= PeftTask.Of(AdapterConfigFile.Load(Path.Combine(folder, AdapterFolder.ConfigName), _ => { })["task_type"]?.ToString());
        Write(folder, Text(job, trained, figures, task ?? PeftTask.CausalLanguageModel));
    }

    internal static void Write(string folder, string text) => WholeFile.Write(Path.Combine(folder, Name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    internal static string Text(JobSpec job, long trained, ModelCardFigures? figures, PeftTask task)
    {
        var card = new StringBuilder();
        AppendFront(card, job.Model, job.Method, task, job.Name);
        card.Append(CultureInfo.InvariantCulture, $"""
            {PeftMethods.Of(job.Method).Describe(job.Method)}: {trained:N0} trained parameters, trained with PeftCluster on the base model `{job.Model}`.


            """);
        AppendFigures(card, figures);
        AppendTraining(card, job);
        AppendUse(card, job.Model, job.Method, task);
        return card.ToString();
    }

    /// <summary>What the hub reads, and the title.</summary>
    internal static void AppendFront(StringBuilder card, string model, MethodSpec method, PeftTask task, string title) => card.Append(CultureInfo.InvariantCulture, $"""
        ---
        base_model: {Quoted(model)}
        library_name: {PeftMethods.Of(method).Library}
        pipeline_tag: {task.Pipeline}
        tags:
        - {Quoted("base_model:adapter:" + model)}
        - {method.Type}
        {OwnTag}
        ---

        # {title}


        """);

    private static void AppendFigures(StringBuilder card, ModelCardFigures? figures)
    {
        if (figures is null)
            return;
        card.Append("## Results\n\n");
        var loss = figures.TrainLoss is { } value ? string.Create(CultureInfo.InvariantCulture, $"; training loss {value:F3} at the end") : "";
        card.Append(CultureInfo.InvariantCulture, $"{figures.Steps:N0} steps{loss}.\n\n");
        if (figures.Measurements.Count == 0)
            return;
        card.Append("On the held-out rows:\n\n| | exact match | loss | prompt tokens |\n|---|---:|---:|---:|\n");
        foreach (var row in figures.Measurements)
            card.Append(CultureInfo.InvariantCulture, $"| {row.What} | {100 * row.ExactMatch:F1} % | {row.Loss:F3} | {row.PromptTokens:F0} |\n");
        card.Append('\n');
    }

    private static void AppendTraining(StringBuilder card, JobSpec job)
    {
        var (data, training) = (job.Data, job.Training);
        var schedule = training.LrSchedulerType.ToString().ToLowerInvariant();
        var length = training.MaxSteps is { } steps
            ? string.Create(CultureInfo.InvariantCulture, $"{steps:N0} steps")
            : string.Create(CultureInfo.InvariantCulture, $"{training.NumTrainEpochs} epochs");
        card.Append(CultureInfo.InvariantCulture, $"""
            ## Training

            - Data: {Names(data.Train)} ({data.Format.ToString().ToLowerInvariant()}), at most {data.MaxLength} tokens a row; {Loss(job)}.
            - {length}, {training.MicroBatches} × {training.MicroBatchSize} rows a step, seed {training.Seed}.
            - {Optimizer(training)}: learning rate {training.LearningRate}, {schedule} schedule{Betas(training)}, weight decay {training.WeightDecay}, gradient norm at most {training.MaxGradNorm}.


            """);
    }

    private static string Betas(TrainingSpec training) => training.Optim != OptimizerType.Adamw ? ""
        : string.Create(CultureInfo.InvariantCulture, $", β {training.AdamBeta1} and {training.AdamBeta2}, ε {training.AdamEpsilon}");

    private static string Optimizer(TrainingSpec training) => training.Optim switch
    {
        OptimizerType.Adafactor => training.Adafactor.ScaleParameter ? "Adafactor with scale_parameter" : "Adafactor",
        OptimizerType.Sgd => "SGD",
        _ => "AdamW",
    };

    private static string Loss(JobSpec job) => job switch
    {
        { Data.Format: DataFormat.Choices, Training.ChoiceLoss: var weights } => string.Create(CultureInfo.InvariantCulture,
            $"the losses of T-Few on answer choices, {weights.LanguageModel} · L_LM + {weights.Unlikelihood} · L_UL + {weights.LengthNormalised} · L_LN"),
        { Data.Format: DataFormat.Text } or { Data.LossOn: LossOn.Everything } => "loss on every token",
        _ => "loss on completions only",
    };

    private static string Names(DataSources sources) =>
        string.Join(", ", sources.Entries.Take(MostSources).Select(source => $"`{Path.GetFileName(source.Path)}`")) + (sources.Entries.Count > MostSources ? ", …" : "");

    /// <summary>How to load it.</summary>
    internal static void AppendUse(StringBuilder card, string model, MethodSpec method, PeftTask task) => card.Append(CultureInfo.InvariantCulture, $"""
        ## Use

        From the folder that holds this file, in Python:

        ```python
        base = {Quoted(model)}

        {PeftMethods.Of(method).Python(task)}
        tokenizer = AutoTokenizer.from_pretrained(base)
        ```

        With PeftCluster:

        ```sh
        peft generate --model {Quoted(model)} --adapter . --prompt "…"
        ```

        """);

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Quoting);
}
