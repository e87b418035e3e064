using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Bottleneck;

/// <summary>
/// Bottleneck adapters: for each chosen part of each layer D [W, D], b [W], U [D, W], c [D], in this order. D hidden size, W the bottleneck's width.
/// </summary>
public sealed class BottleneckPlan : AdapterPlan
{
    private readonly BottleneckSpec _spec;
    private readonly BottleneckShape _shape;
    private readonly List<(int Layer, SubLayer Part, BottleneckKeys Keys)> _sites = [];

    /// <exception cref="BadInputException">The family has no place for them, or none is left.</exception>
    public BottleneckPlan(BottleneckSpec spec, ModelConfig model)
    {
        _shape = BottleneckShape.Of(spec);
        _spec = spec with { Model = new AdapterHubModel(model.ModelType, AdapterHubNames.ClassOf(model), model.HiddenSize) };
        foreach (var layer in spec.LeaveOut.Where(layer => layer >= model.Blocks))
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"method.leave_out: this model has no layer {layer}; it has {model.Blocks}, counted from 0."));
        for (var layer = 0; layer < model.Blocks; layer++)
        {
            foreach (var part in new[] { SubLayer.Attention, SubLayer.FeedForward }.Where(part => _shape.Has(part) && !spec.LeaveOut.Contains(layer)))
            {
                var path = model.BlockPath(layer, part)
                    ?? throw new BadInputException($"method: bottleneck adapters are not offered for model_type {model.ModelType}. Choose another method.");
                _sites.Add((layer, part, new BottleneckKeys($"{path}.adapters.{spec.AdapterName}")));
            }
        }
        if (_sites.Count == 0)
            throw new BadInputException("method: no layer gets a bottleneck. Set mh_adapter or output_adapter, or leave fewer layers out.");
        long hidden = model.HiddenSize, width = _shape.WidthOf(model.HiddenSize);
        Layout = VectorLayout.Of(_sites.SelectMany(site => new (string, IReadOnlyList<long>, ParameterGroup)[]
        {
            (site.Keys.DownWeight, [width, hidden], new ParameterGroup()),
            (site.Keys.DownBias, [width], new ParameterGroup()),
            (site.Keys.UpWeight, [hidden, width], new ParameterGroup()),
            (site.Keys.UpBias, [hidden], new ParameterGroup()),
        }));
    }

    public override MethodSpec Method => _spec;

    public override VectorLayout Layout { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{_sites.Count} bottlenecks of width {Layout.Slices[1].Length}{(_shape.IsParallel ? ", parallel" : "")}");

    public override double Dropout => _spec.Dropout;

    public override bool CanMerge => false;

    public override bool LeavesToTask(string weight) => !_spec.HasNoHead;

    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        for (var index = 0; index < Layout.Slices.Count; index++)
        {
            // Biases are zero; of the weights the first of two is one before each second bias.
            var (slice, isDown) = (Layout.Slices[index], index % 4 == 0);
            if (slice.Shape.Count == 1 || (!isDown && _shape.InitWeights == BottleneckInit.MamAdapter))
                continue;
            var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues, (ulong)index);
            var bound = 1 / Math.Sqrt(slice.Shape[1]);
            foreach (ref var value in vector.Slice(slice.Offset, slice.Length))
                value = (float)(_shape.InitWeights == BottleneckInit.MamAdapter ? (2 * random.NextDouble() - 1) * bound : 0.02 * random.NextGaussian());
        }
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter) =>
        throw new BadInputException($"{Summary}: a bottleneck is not linear, so that it cannot be merged. Use the adapter beside its base model.");

    // The network's input, what it gives and that without dropout, and its hidden units before and after their activation.
    internal override KeptNumbers KeptBehind(int layer) => new(_sites.Count(site => site.Layer == layer) * (4 * Layout.Slices[0].Shape[1] + 2 * Layout.Slices[0].Shape[0]));

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout) => new()
    {
        Block = (layer, part) => _sites.FindIndex(one => one.Layer == layer && one.Part == part) is >= 0 and var site
            ? new BottleneckBlock(_shape, _sites[site].Keys, vector, dropout, site)
            : null,
    };
}
