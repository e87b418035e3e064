using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.OwnWeights;

/// <summary>
/// Some of the model's own weights are trained, or all of them, and nothing is added: BitFit and full fine-tuning. The vector holds them in the
/// order of the model's modules, under the model's own names, which also are the file's.
/// </summary>
public sealed class OwnWeightsPlan : AdapterPlan
{
    // What one span of bytes can hold, rounded down.
    private const long PartLength = 1 << 28;

    private readonly string _name;

    /// <param name="method">The spec.</param>
    /// <param name="model">The model.</param>
    /// <param name="name">The method for people.</param>
    /// <param name="isTrained">Which weights, by name.</param>
    /// <exception cref="BadInputException">The model has none of them, or more numbers than one vector can have.</exception>
    public OwnWeightsPlan(MethodSpec method, ModelConfig model, string name, Func<string, bool> isTrained)
    {
        (Method, _name) = (method, name);
        var trained = model.Weights.Where(weight => isTrained(weight.Key)).ToList();
        if (trained.Count == 0)
            throw new BadInputException($"method.type: {method.Type} finds nothing to train: a model of model_type {model.ModelType} with this config.json has no biases. Choose another method.");
        // Padding between slices is counted too.
        var numbers = trained.Sum(weight => weight.Value.Aggregate(1L, (product, size) => product * size) + VectorLayout.Alignment);
        if (numbers > int.MaxValue)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"method.type: {method.Type} would train {numbers:N0} numbers, and one vector holds at most {int.MaxValue:N0}. Train an adapter instead, for example method: {{type: lora}}."));
        Layout = VectorLayout.Of(trained.Select(weight => (weight.Key, weight.Value, new ParameterGroup())));
    }

    public override MethodSpec Method { get; }

    public override VectorLayout Layout { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"{_name}, {Layout.Slices.Count} of the model's tensors");

    public override double Dropout => 0;

    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        foreach (var slice in Layout.Slices)
        {
            using var scope = NewDisposeScope();
            var flat = weights(slice.Key).reshape(-1);
            for (var start = 0L; start < slice.Length; start += PartLength)
            {
                var length = Math.Min(PartLength, slice.Length - start);
                flat.narrow(0, start, length).CopyNumbersTo(vector.Slice((int)(slice.Offset + start), (int)length));
            }
        }
    }

    public override bool LeavesToTask(string weight) => !Layout.Slices.Any(slice => slice.Key == weight);

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        var trained = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var slice in Layout.Slices)
            trained[slice.Key] = Copy(slice, adapter).DetachFromDisposeScope();
        return new MergedWeights(weights, trained);
    }

    // The input, for the weight's gradient.
    internal override KeptNumbers KeptAround(LinearShape layer) => LeavesToTask($"{layer.Path}.weight") ? default : new KeptNumbers(layer.In);

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var trained = Layout.Slices.Select(slice => slice.Key).ToHashSet(StringComparer.Ordinal);
        return new Attachments { Weights = name => trained.Contains(name) ? vector[name] : null };
    }
}
