namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What is asked: a parsed and validated job.yaml. Inside the product nothing is checked again.
/// Paths are absolute after parsing: relative ones are taken from the folder that the command runs in.
/// </summary>
public sealed record JobSpec
{
    /// <summary>A name for people; it also names the default output folder.</summary>
    public required string Name { get; init; }

    /// <summary>The base model: a folder in the Hugging Face layout (config.json, *.safetensors, tokenizer.json).</summary>
    public required string Model { get; init; }

    public required DataSpec Data { get; init; }

    public required MethodSpec Method { get; init; }

    public TrainingSpec Training { get; init; } = new();

    public EvaluationSpec Evaluation { get; init; } = new();

    public ResourcesSpec Resources { get; init; } = new();

    public required OutputSpec Output { get; init; }
}
