using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Plugins;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What is asked: a parsed and validated job.yaml. Inside the product nothing is checked again.
/// Paths are absolute after parsing: relative ones are taken from the folder that the command runs in.
/// </summary>
public sealed record JobSpec
{
    /// <summary>A name for people; it also names the default output folder.</summary>
    [FilledIn("the file's name, or its folder's for job.yaml"), OutsideResult]
    [Pattern(@"^[^/\\:*?""<>|. -][^/\\:*?""<>|]{0,99}$", "a name of at most 100 characters, without / \\ : * ? \" < > | and with no dot, hyphen or space at its start")]
    public required string Name { get; init; }

    /// <summary>
    /// The base model: a folder in the Hugging Face layout (config.json, *.safetensors, tokenizer.json). A path that does not exist and ends in ORG/NAME is looked for in the Hugging Face cache.
    /// </summary>
    [LocalPath, Example("models/llama-3.2-1b")]
    public required string Model { get; init; }

    /// <summary>
    /// The number format of the base model's weights in memory: as they are stored, or converted. What is trained is float32 always. A base in bfloat16 is computed in it where the processor has products of it, and results differ by about a hundredth; float16 is widened where it is used, and gives the numbers of float32.
    /// </summary>
    [AddedLater(BaseDtype.Float32)]
    public BaseDtype BaseDtype { get; init; } = BaseDtype.Stored;

    /// <summary>How machines that lack the base model get it.</summary>
    [OutsideResult]
    public BaseSpec Base { get; init; } = new();

    /// <summary>
    /// Class libraries with methods, losses or metrics of your own (docs/plugins.md): each a path, or <c>{path, sha256}</c>, which holds the file to its content. A worker node takes its own copy, from a folder that it was allowed.
    /// </summary>
    [Items(0, 16), AddedLater]
    public ValueList<PluginReference> Plugins { get; init; } = [];

    /// <summary>Which rows are learnt from.</summary>
    [Example("{train: data/train.jsonl}")]
    public required DataSpec Data { get; init; }

    /// <summary>Which adapter is trained.</summary>
    [Example("{type: lora}")]
    public required MethodSpec Method { get; init; }

    /// <summary>How it is trained.</summary>
    public TrainingSpec Training { get; init; } = new();

    /// <summary>What is measured before and after.</summary>
    public EvaluationSpec Evaluation { get; init; } = new();

    /// <summary>What it runs on.</summary>
    public ResourcesSpec Resources { get; init; } = new();

    /// <summary>How much of the journal is kept.</summary>
    [OutsideResult]
    public JournalSpec Journal { get; init; } = new();

    /// <summary>Where the result goes.</summary>
    [OutsideResult, FilledIn("its keys")]
    public required OutputSpec Output { get; init; }
}
