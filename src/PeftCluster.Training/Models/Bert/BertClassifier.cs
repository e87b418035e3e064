using PeftCluster.Jobs;
using PeftCluster.Training.Losses;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.Bert;

/// <summary>
/// BERT (Devlin et al., arXiv 1810.04805) or RoBERTa (Liu et al., arXiv 1907.11692) that names the class of a text by the state of its first
/// token. Unusual: what it gives are logits, since its head is small, has biases and is mostly trained. B rows, T tokens, D hidden size, C classes.
/// </summary>
public sealed class BertClassifier : IModel
{
    private readonly BertConfig _config;
    private readonly Tensor _words_VD, _places_PD, _types_KD;
    private readonly Attachments _attached;
    private readonly LayerNorm _norm;
    private readonly BertLayer[] _layers;
    private readonly ILinear? _pooler;
    private readonly ILinear[] _head;

    /// <exception cref="BadInputException">The adapter stands where nothing can stand in this family.</exception>
    internal BertClassifier(BertConfig config, WeightLookup frozen, Attachments attached)
    {
        if (attached.VirtualTokens is not null || attached.Prefix is not null)
            throw new BadInputException($"method: prompts and prefixes are not offered for model_type {config.ModelType}. Choose another method.");
        (_config, _attached) = (config, attached);
        var weights = attached.Over(frozen);
        Tensor Table(string name) => weights($"{config.Inside($"embeddings.{name}")}.weight");
        (_words_VD, _places_PD, _types_KD) = (Table("word_embeddings"), Table("position_embeddings"), Table("token_type_embeddings"));
        _norm = new LayerNorm(Table("LayerNorm"), weights($"{config.Inside("embeddings.LayerNorm")}.bias"), config.NormEpsilon);
        var shapes = config.Linears.ToDictionary(shape => shape.Path, StringComparer.Ordinal);
        Linear Plain(string path) => new(weights($"{path}.weight"), weights($"{path}.bias"));
        ILinear Wrapped(string path) => attached.Around(shapes[path], Plain(path));
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new BertLayer(config, layer, weights, Wrapped, attached.Block))];
        _pooler = config.PoolerShape is { } pooler ? Wrapped(pooler.Path) : null;
        _head = [.. config.HeadShapes.Select(shape => Plain(shape.Path))];
    }

    public ModelConfig Config => _config;

    public LabelledStates Labelled(PromptRows rows, CancellationToken cancellation = default)
    {
        var places = new LabelledPlaces();
        for (var row = 0; row < rows.Count; row++)
            places.Add(rows.Tokens(row), rows.PromptLength(row), 0);
        return new LabelledStates(Logits(rows, cancellation), places, null);
    }

    /// <summary>[B, C] of the rows' prompts.</summary>
    public Tensor Logits(PromptRows rows, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        int[] lengths = [.. Enumerable.Range(0, rows.Count).Select(rows.PromptLength)];
        ArgumentOutOfRangeException.ThrowIfLessThan(lengths.Min(), 1, nameof(rows));
        var length = PaddedRows.LengthOf(lengths.Max());
        var x_BTD = Embed(rows, lengths, length);
        var tokens_B11T = Array.TrueForAll(lengths, own => own == length) ? null
            : arange(length, ScalarType.Int64, x_BTD.device).view(1, 1, 1, -1).lt(tensor(lengths, ScalarType.Int64, x_BTD.device).view(-1, 1, 1, 1));
        foreach (var layer in _layers)
        {
            cancellation.ThrowIfCancellationRequested();
            x_BTD = layer.Forward(x_BTD, tokens_B11T);
        }
        var state_BD = x_BTD.select(1, 0);
        if (_pooler is not null)
            state_BD = _pooler.Forward(state_BD).tanh();
        foreach (var layer in _head[..^1])
            state_BD = layer.Forward(state_BD).tanh();
        return _head[^1].Forward(state_BD).MoveToOuterDisposeScope();
    }

    private Tensor Embed(PromptRows rows, int[] lengths, int length)
    {
        var ids_BT = PaddedRows.Of(rows.Count, row => rows.Tokens(row)[..lengths[row]], length, _config.VocabularySize).to(_words_VD.device);
        var place_BT = PaddedRows.Of(rows.Count, row => PlacesOf(rows.Tokens(row)[..lengths[row]]), length, _config.Places).to(_words_VD.device);
        var places_BTD = _places_PD.index_select(0, place_BT.reshape(-1)).view(rows.Count, length, -1);
        return _norm.Forward(_attached.Embed(_words_VD, ids_BT) + _types_KD[0] + places_BTD);
    }

    private int[] PlacesOf(ReadOnlySpan<int> tokens)
    {
        var places = new int[tokens.Length];
        var seen = 0;
        for (var token = 0; token < places.Length; token++)
            places[token] = _config.PaddingPlace is not { } padding ? token : tokens[token] == padding ? padding : padding + ++seen;
        return places;
    }
}
