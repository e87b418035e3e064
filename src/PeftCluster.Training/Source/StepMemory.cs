using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Source;

/// <summary>
/// What a worker's step takes, estimated from shapes alone and rather too much than too little: the base's weights, the vectors, the head's logits, and of the
/// activations what each layer keeps for its backward pass, or of one that is computed again its input. All in bytes.
/// </summary>
internal sealed class StepMemory
{
    // Measured: runtime and libtorch 158 MB before anything is loaded, and what products and code take while they run.
    private const long Process = 270_000_000;

    // Of a token a norm keeps two numbers, and attention one for each head; the rest is the heap's own, block by block.
    private const int NormStatistics = 16;

    // The adapter's version and gradient as tensors and as arrays, and one of each on the way.
    private const int Vectors = 6;

    private readonly ModelConfig _config;
    private readonly AdapterPlan _plan;
    private readonly BaseFormat _base;
    private readonly ScalarType _flowing;
    private readonly int _width;
    private readonly IReadOnlyList<LayerShape> _layers;
    private readonly int _lowest;

    /// <param name="config">The model.</param>
    /// <param name="plan">The adapter.</param>
    /// <param name="weights">The base's number formats.</param>
    public StepMemory(ModelConfig config, AdapterPlan plan, BaseFormat weights)
    {
        (_config, _plan, _base, _layers) = (config, plan, weights, config.LayerShapes);
        _flowing = Formats.Flowing(config, name => IsTrained(name) ? ScalarType.Float32 : weights[name], Bfloat16Products.AreFast);
        _width = Formats.Width(_flowing);
        _lowest = plan.Layout.Slices.Min(slice => LayerOf(slice.Key));
    }

    /// <summary>Layers that a backward pass goes through.</summary>
    public int Layers => _layers.Count - _lowest;

    /// <summary>What is there before a step.</summary>
    public long AtRest => Process + _base.Bytes + 4L * Vectors * _plan.Layout.Length + 4L * _plan.Frozen.Length;

    /// <summary>The most that exists at once while a micro-batch is computed.</summary>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="recomputed">Layers that are computed again.</param>
    public long Of(MicroBatchShape batch, int recomputed) => Of(batch, recomputed, LayersOf(batch));

    /// <summary>The fewest layers to compute again with which a micro-batch fits; null: it does not even with all of them.</summary>
    public int? Fewest(MicroBatchShape batch, long limit)
    {
        var layers = LayersOf(batch);
        return Enumerable.Range(0, Layers + 1).Select(count => (int?)count).FirstOrDefault(count => Of(batch, count!.Value, layers) <= limit);
    }

    /// <summary>The least that a micro-batch takes, with whatever number of layers computed again: the last one saves nothing and its input is one more.</summary>
    public long Least(MicroBatchShape batch)
    {
        var layers = LayersOf(batch);
        return Enumerable.Range(0, Layers + 1).Min(count => Of(batch, count, layers));
    }

    /// <summary>What a layer keeps between its forward and its backward pass.</summary>
    public long Kept(LayerShape layer, int number, MicroBatchShape batch)
    {
        layer = AsComputed(layer);
        var (tokens, length, rows) = (Tokens(layer, batch), layer.ReadsSource ? batch.Source : batch.Length, Rows(layer, batch));
        var kept = layer.Linears.Select(_plan.KeptAround).Append(_plan.KeptBehind(number)).ToList();
        var scores = 4L * rows * layer.Heads * length * (layer.Scores * (length + batch.Before) + layer.CrossScores * (long)batch.Source);
        var mask = layer.Scores == 0 && (layer.HasWindow || batch.Before > 0) ? 4L * layer.Groups * length * (length + batch.Before) : 0;
        return tokens * (_width * Outputs(layer) + 4 * (layer.Heads + NormStatistics) + 4 * kept.Sum(part => part.OfToken) + (_width < 4 ? 4 * layer.Widened : 0)) + 4 * kept.Sum(part => part.OfLayer) + Widened(layer) + scores + mask;
    }

    private long Of(MicroBatchShape batch, int recomputed, List<LayerBytes> layers)
    {
        var (again, whole) = (layers[..recomputed], layers[recomputed..]);
        var above = whole.Sum(layer => layer.Kept) + layers.Max(layer => layer.Passing);
        var below = again.Select(layer => layer.Kept + layer.Passing).DefaultIfEmpty().Max();
        // The heap has holes: measured, a quarter as much again.
        return AtRest + Head(batch) + (again.Sum(layer => layer.Input) + Math.Max(above, below) + Shared(batch)) * 5 / 4;
    }

    private List<LayerBytes> LayersOf(MicroBatchShape batch) =>
        [.. _layers.Skip(_lowest).Select((layer, index) => new LayerBytes(Kept(layer, _lowest + index, batch), Passing(layer, batch), Tokens(layer, batch) * _config.HiddenSize * _width))];

    /// <summary>What a layer keeps, what exists besides while it is computed, and what is kept of one that is computed again: its input.</summary>
    private readonly record struct LayerBytes(long Kept, long Passing, long Input);

    // What exists besides while a layer is computed, forward and backward: handles live until the layer ends, gradients come beside what is kept, and one hardly
    // fits into the holes of the other. Measured: three to four times the outputs.
    private long Passing(LayerShape layer, MicroBatchShape batch)
    {
        layer = AsComputed(layer);
        var (tokens, length) = (Tokens(layer, batch), layer.ReadsSource ? batch.Source : batch.Length);
        var keys = Math.Max(length + batch.Before, layer.ReadsSource ? 0 : batch.Source);
        return tokens * _width * Outputs(layer) * 7 / 2 + 4L * Rows(layer, batch) * layer.Heads * length * layer.PassingScores * keys;
    }

    private LayerShape AsComputed(LayerShape layer) => layer.ScoreBias is { } bias && IsTrained(bias) ? layer : layer.Fused();

    private bool IsTrained(string weight) => _plan.WholeWeights.Any(whole => whole.Weight == weight) || _plan.Layout.Slices.Any(slice => slice.Key == weight);

    // Weights that are widened for their products are kept so until the backward pass.
    private long Widened(LayerShape layer) => 4 * layer.Linears.Where(linear => IsWidened($"{linear.Path}.weight")).Sum(linear => linear.In * linear.Out);

    private bool IsWidened(string weight) => _base[weight] is not ScalarType.Float32 and var format && format != _flowing && !IsTrained(weight);

    // Between the stacks, and after the last: states, their gradients, tables of places, and an encoder's keys and values for each layer of its decoder, and their gradients.
    private long Shared(MicroBatchShape batch)
    {
        var (rows, prompts, source, length) = ((long)batch.Rows, (long)batch.Prompts, (long)batch.Source, (long)batch.Length);
        var states = 12 * _config.HiddenSize * (rows * length + prompts * source + batch.Labels);
        var tables = source == 0 ? 0 : 4 * _config.Heads * (prompts * source * source + rows * length * length);
        // Of choices each has its own copy of its prompt's keys and values.
        var seen = prompts == rows ? rows : rows + prompts;
        return states + tables + 8 * seen * source * _layers.Sum(layer => layer.OfSource);
    }

    private long Head(MicroBatchShape batch) =>
        _config.Task == PeftTask.Classification ? 0 : HeadLoss.Room(batch.Labels, _config.VocabularySize) * (_width < 4 ? 2 : 1);

    private static long Outputs(LayerShape layer) => layer.Linears.Sum(linear => linear.Out) + layer.Inside - layer.OfSource;

    private static long Rows(LayerShape layer, MicroBatchShape batch) => layer.ReadsSource ? batch.Prompts : batch.Rows;

    private static long Tokens(LayerShape layer, MicroBatchShape batch) => Rows(layer, batch) * (layer.ReadsSource ? batch.Source : batch.Length);

    // The layer that a trained tensor lies in; one that lies in none, as a prompt or an embedding, is below all.
    private int LayerOf(string key)
    {
        for (var layer = 0; layer < _layers.Count; layer++)
        {
            if (_layers[layer].Linears.Any(linear => key.Contains($"{linear.Path}.", StringComparison.Ordinal)))
                return layer;
        }
        return 0;
    }
}
