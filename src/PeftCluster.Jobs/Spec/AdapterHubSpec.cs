namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What AdapterHub's files say beside a method's keys. Unusual: none of the properties is a key of job.yaml; they pass between an
/// adapter's files and the model.
/// </summary>
public abstract record AdapterHubSpec : MethodSpec
{
    /// <summary>The adapter's name, which is a part of its tensors' names.</summary>
    public string AdapterName { get; init; } = "default";

    /// <summary>The model that the files name; null where nobody has said it yet.</summary>
    public AdapterHubModel? Model { get; init; }

    /// <summary>The file holds no head, so that a classifier keeps its base's.</summary>
    public bool HasNoHead { get; init; }
}

/// <summary>A model in AdapterHub's words.</summary>
/// <param name="Type">model_type</param>
/// <param name="Class">model_class</param>
/// <param name="HiddenSize">hidden_size</param>
public sealed record AdapterHubModel(string Type, string Class, int HiddenSize);
