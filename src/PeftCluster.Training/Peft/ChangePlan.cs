using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>A method that adds a change Δ to the weights of some linear layers: see <see cref="ChangedLayer"/>.</summary>
public abstract class ChangePlan : AdapterPlan
{
    private readonly IReadOnlyList<ChangedLayer> _layers;

    protected ChangePlan(IReadOnlyList<ChangedLayer> layers)
    {
        _layers = layers;
        Layout = VectorLayout.Of(layers.SelectMany(layer => layer.Tensors.Select(part => (layer.Key(part.Part), part.Shape, new ParameterGroup()))));
    }

    public override VectorLayout Layout { get; }

    /// <summary>What of the change is left out while training.</summary>
    private protected virtual ChangeDropout Dropouts => default;

    /// <summary>The distinct last parts of the layers' paths, for people.</summary>
    protected string Targets => string.Join(", ", _layers.Select(layer => TargetModules.Name(layer.Layer)).Distinct());

    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        var stream = 0UL;
        foreach (var layer in _layers)
        {
            foreach (var part in layer.Tensors)
                part.Begin(Layout.Of(vector, layer.Key(part.Part)), new PhiloxStream(seed, PhiloxPurpose.InitialValues, stream++));
        }
    }

    internal override KeptNumbers KeptAround(LinearShape layer) => _layers.FirstOrDefault(one => one.Layer.Path == layer.Path) is { } changed
        ? new KeptNumbers(layer.In * (Dropout > 0 ? 2 : 1) + changed.KeptOfToken, changed.KeptOfLayer)
        : default;

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var sites = _layers.Select((layer, site) => (layer.Layer.Path, (Layer: layer, Site: site))).ToDictionary(StringComparer.Ordinal);
        return new Attachments
        {
            Linear = (shape, plain) => sites.TryGetValue(shape.Path, out var found) ? new ChangeLinear(plain, found.Layer, vector, (dropout, Dropouts), found.Site) : plain,
        };
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        var (vector, frozen) = (adapter.ToArray(), MakeFrozen(weights));
        return new MergedWeights(weights, _layers.ToDictionary(layer => $"{layer.Layer.Path}.weight", layer => (Func<Tensor>)(() =>
        {
            var change = layer.Change(part => Copy(Layout[layer.Key(part)], vector), key => Copy(Frozen[key], frozen));
            return layer.Layer.AsStored(change.Plus_(layer.Layer.AsUsed(weights($"{layer.Layer.Path}.weight"))));
        }), StringComparer.Ordinal));
    }
}

/// <summary>
/// What of a change Δ takes no part in a micro-batch, as in PEFT's LoHa and LoKr: rows of Δ, which are the layer's outputs, and whole layers.
/// </summary>
/// <param name="Rows">The chance of a row.</param>
/// <param name="Rescales">Whether the rows that stay are divided by their share.</param>
/// <param name="Layers">The chance of a layer's whole Δ.</param>
internal readonly record struct ChangeDropout(double Rows, bool Rescales, double Layers);

/// <summary>y = W x + b + Δ dropout(x) around a layer of somebody else.</summary>
internal sealed class ChangeLinear(IPlainLinear plain, ChangedLayer layer, TrainedVector vector, (AdapterDropout Random, ChangeDropout Shares) dropout, int site) : ILinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        if (dropout.Random.Drops(site, dropout.Shares.Layers))
            return plain.Forward(x).MoveToOuterDisposeScope();
        var change = layer.Apply(dropout.Random.Apply(x, site), part => vector[layer.Key(part)], key => vector.Frozen[key]);
        if (dropout.Random.Rows(layer.Layer.Out, site, dropout.Shares) is { } kept)
            change = change * kept.to(change.device);
        // In place on the base's output, which its own backward pass does not read.
        return plain.Forward(x).Plus_(change).MoveToOuterDisposeScope();
    }
}
