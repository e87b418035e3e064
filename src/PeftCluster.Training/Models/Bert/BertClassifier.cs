using PeftCluster.Steps.Plan;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.Bert;

/// <summary>
/// BERT (Devlin et al., arXiv 1810.04805) or RoBERTa (Liu et al., arXiv 1907.11692) that names the class of a text by the state of its first
/// token. Unusual: what it gives are logits, since its head is small, has biases and is mostly trained. With virtual tokens the first of them is the first token, as with
/// PEFT. The head computes in float32 whatever flows below it. B rows, T tokens, D hidden size, C classes, P places before the rows.
/// </summary>
public sealed class BertClassifier : IModel
{
    private readonly BertConfig _config;
    private readonly Tensor _words_VD, _places_PD, _types_KD;
    private readonly Attachments _attached;
    private readonly ScalarType _flowing;
    private readonly LayerNorm _norm;
    private readonly BertLayer[] _layers;
    private readonly ILinear? _pooler;
    private readonly ILinear[] _head;

    internal BertClassifier(BertConfig config, WeightLookup frozen, Attachments attached)
    {
        (_config, _attached) = (config, attached);
        var weights = attached.Over(frozen);
        _flowing = attached.Flowing(config, frozen);
        Tensor Table(string name) => weights($"{config.Inside($"embeddings.{name}")}.weight");
        (_words_VD, _places_PD, _types_KD) = (Table("word_embeddings"), Table("position_embeddings"), Table("token_type_embeddings"));
        _norm = new LayerNorm(Table("LayerNorm"), weights($"{config.Inside("embeddings.LayerNorm")}.bias"), config.NormEpsilon);
        var shapes = config.Linears.ToDictionary(shape => shape.Path, StringComparer.Ordinal);
        Linear Plain(string path) => new(weights($"{path}.weight"), weights($"{path}.bias"));
        ILinear Wrapped(string path) => attached.Around(shapes[path], Plain(path), _flowing);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new BertLayer(config, layer, weights, Wrapped, (number, part) => attached.Behind(number, part, _flowing)))];
        _pooler = config.PoolerShape is { } pooler ? Wrapped(pooler.Path) : null;
        _head = [.. config.HeadShapes.Select(shape => Plain(shape.Path))];
    }

    public ModelConfig Config => _config;

    public LabelledStates Labelled(PromptRows rows, CancellationToken cancellation = default)
    {
        var places = new LabelledPlaces();
        for (var row = 0; row < rows.Count; row++)
            places.Add(rows.Tokens(row), rows.Labelled(row), 0);
        return new LabelledStates(Logits(rows, cancellation), places, null);
    }

    /// <summary>[B, C] of the rows' prompts.</summary>
    public Tensor Logits(PromptRows rows, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        int[] lengths = [.. Enumerable.Range(0, rows.Count).Select(rows.PromptLength)];
        ArgumentOutOfRangeException.ThrowIfLessThan(lengths.Min(), 1, nameof(rows));
        var length = PaddedLength.Of(lengths.Max());
        var x_BTD = Embed(rows, lengths, length);
        var keys = _attached.PlacesBefore + length;
        var seen_B11K = Array.TrueForAll(lengths, own => own == length) ? null
            : Arithmetic.Range(0, keys, x_BTD.device).view(1, 1, 1, -1).lt(tensor(lengths, ScalarType.Int64, x_BTD.device).view(-1, 1, 1, 1).Plus(_attached.PlacesBefore));
        var stack = new LayerStack(_layers.Length, [seen_B11K, _attached.PrefixAs(_flowing)], (layer, x, shared) =>
            _layers[layer].Forward(x, shared[0], shared[1] is { } prefix ? (prefix[2 * layer], prefix[2 * layer + 1]) : null));
        var state_BD = _attached.Through(stack, x_BTD, cancellation).select(1, 0);
        if (_pooler is not null)
            state_BD = _pooler.Forward(state_BD).tanh();
        state_BD = state_BD.to(ScalarType.Float32);
        foreach (var layer in _head[..^1])
            state_BD = layer.Forward(state_BD).tanh();
        return _head[^1].Forward(state_BD).MoveToOuterDisposeScope();
    }

    private Tensor Embed(PromptRows rows, int[] lengths, int length)
    {
        var ids_BT = PaddedRows.Of(rows.Count, row => rows.Tokens(row)[..lengths[row]], length, _config.VocabularySize).to(_words_VD.device);
        var before = _attached.VirtualTokens?.Count ?? 0;
        var place_BT = PaddedRows.Of(rows.Count, row => PlacesOf(rows.Tokens(row)[..lengths[row]]), before + length, _config.Places).to(_words_VD.device);
        var places_BTD = _places_PD.index_select(0, place_BT.reshape(-1)).view(rows.Count, before + length, -1);
        var x_BTD = _attached.BehindVirtualTokens(_attached.Embed(_words_VD, ids_BT, _flowing));
        return _norm.Forward(x_BTD.Plus(_types_KD[0].to(_flowing)).Plus(places_BTD.to(_flowing)));
    }

    // With virtual tokens transformers sees embeddings, in which RoBERTa cannot tell padding: places count through. Behind a prefix the row's own move on.
    private int[] PlacesOf(ReadOnlySpan<int> tokens)
    {
        var first = _attached.Prefix?.Count ?? 0;
        if (_attached.VirtualTokens is { } before)
            return [.. Enumerable.Range(_config.PaddingPlace + 1 ?? 0, before.Count + tokens.Length)];
        var places = new int[tokens.Length];
        for (var token = 0; token < places.Length; token++)
            places[token] = _config.PaddingPlace is not { } padding ? first++ : tokens[token] == padding ? padding : padding + ++first;
        return places;
    }
}
