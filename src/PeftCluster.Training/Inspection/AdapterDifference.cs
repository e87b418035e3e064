using System.Text.Json;

namespace PeftCluster.Training.Inspection;

/// <summary>Where two adapters differ.</summary>
/// <param name="First">A's folder.</param>
/// <param name="Second">B's folder.</param>
/// <param name="Same">Whether configuration and numbers are equal; <c>peft_version</c> may differ.</param>
/// <param name="SameBits">Whether each tensor has the same bytes in both files.</param>
/// <param name="Config">Fields of adapter_config.json that differ.</param>
/// <param name="OnlyInFirst">Keys of tensors.</param>
/// <param name="OnlyInSecond">Keys of tensors.</param>
/// <param name="OtherShapes">Tensors that have the same key and another shape.</param>
/// <param name="Tensors">Tensors that can be compared, equal ones too.</param>
/// <param name="Changes">What both add to a module's weight, where both are LoRA adapters and the base model is not needed to know.</param>
public sealed record AdapterDifference(
    string First, string Second, bool Same, bool SameBits, IReadOnlyList<FieldDifference> Config, IReadOnlyList<string> OnlyInFirst, IReadOnlyList<string> OnlyInSecond,
    IReadOnlyList<ShapeDifference> OtherShapes, IReadOnlyList<TensorDifference> Tensors, IReadOnlyList<TensorDifference> Changes);

/// <summary>A field of the configuration.</summary>
/// <param name="Key">Its name.</param>
/// <param name="First">In A; null where A lacks it.</param>
/// <param name="Second">In B; null where B lacks it.</param>
public sealed record FieldDifference(string Key, JsonElement? First, JsonElement? Second);

/// <summary>A tensor with two shapes.</summary>
public sealed record ShapeDifference(string Name, IReadOnlyList<long> First, IReadOnlyList<long> Second);

/// <summary>A tensor, or the change of a module's weight, in both.</summary>
/// <param name="Name">Its key, or the module's path.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="SameBits">Whether both have the same bytes.</param>
/// <param name="Largest">The largest |x − y|.</param>
/// <param name="Relative">‖x − y‖ by the larger of ‖x‖ and ‖y‖.</param>
/// <param name="Cosine">x · y ÷ (‖x‖ ‖y‖); NaN where one of them is 0.</param>
public sealed record TensorDifference(string Name, IReadOnlyList<long> Shape, bool SameBits, double Largest, double Relative, double Cosine);
