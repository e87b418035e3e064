using System.Globalization;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.Bert;

/// <summary>BERT or RoBERTa with a head that classifies texts, described by data. Layers are alike; they differ in how places count and in the head.</summary>
public sealed record BertConfig : ModelConfig
{
    public override required string ModelType { get; init; }

    /// <summary>The width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    public required Activation Activation { get; init; }

    /// <summary>ε of the norms.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Rows of the table of places.</summary>
    public required int Places { get; init; }

    /// <summary>Rows of the table of token types; all tokens have the first.</summary>
    public required int TokenTypes { get; init; }

    /// <summary>The classes, by their number.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>
    /// RoBERTa's token of padding, which has that number's place too; other tokens count on from the number after it. Null: a token's place is
    /// its number in the row, as in BERT.
    /// </summary>
    public int? PaddingPlace { get; init; }

    /// <summary>The standard deviation of weights that nobody has trained yet.</summary>
    public required double InitializerRange { get; init; }

    public override PeftTask Task => PeftTask.Classification;

    public override string EmbeddingPath => Inside("embeddings.word_embeddings");

    /// <summary>The last layer of the head; RoBERTa's has one more before it.</summary>
    public override string HeadPath => IsRoberta ? "classifier.out_proj" : "classifier";

    /// <summary>The head's modules are trained whole, so they take no adapter and are none of these.</summary>
    public override IReadOnlyList<LinearShape> Linears => [.. Enumerable.Range(0, Layers).SelectMany(LinearsOf), .. PoolerShape is { } pooler ? [pooler] : Array.Empty<LinearShape>()];

    public override IReadOnlyDictionary<string, IReadOnlyList<long>> Weights
    {
        get
        {
            var all = new Dictionary<string, IReadOnlyList<long>>
            {
                [$"{Inside("embeddings.word_embeddings")}.weight"] = [VocabularySize, HiddenSize],
                [$"{Inside("embeddings.position_embeddings")}.weight"] = [Places, HiddenSize],
                [$"{Inside("embeddings.token_type_embeddings")}.weight"] = [TokenTypes, HiddenSize],
            };
            foreach (var norm in Enumerable.Range(0, Layers).SelectMany(layer => new[] { InLayer(layer, AttentionNorm), InLayer(layer, OutputNorm) }).Prepend(Inside("embeddings.LayerNorm")))
                (all[$"{norm}.weight"], all[$"{norm}.bias"]) = ([HiddenSize], [HiddenSize]);
            foreach (var linear in Linears.Concat(HeadShapes))
                (all[$"{linear.Path}.weight"], all[$"{linear.Path}.bias"]) = ([linear.Out, linear.In], [linear.Out]);
            return all;
        }
    }

    /// <summary>The head of a model that was trained for something else begins as in transformers: normal weights, biases of zero.</summary>
    internal override double? SpreadIfMissing(string weight) =>
        !weight.StartsWith("classifier.", StringComparison.Ordinal) ? null : weight.EndsWith(".bias", StringComparison.Ordinal) ? 0 : InitializerRange;

    internal const string AttentionNorm = "attention.output.LayerNorm";
    internal const string OutputNorm = "output.LayerNorm";

    internal bool IsRoberta => PaddingPlace is not null;

    /// <summary>BERT's layer between the first token's state and the head.</summary>
    internal LinearShape? PoolerShape => IsRoberta ? null : new LinearShape(Inside("pooler.dense"), HiddenSize, HiddenSize) { Bias = true };

    /// <summary>The head's layers.</summary>
    internal IReadOnlyList<LinearShape> HeadShapes =>
    [
        .. IsRoberta ? [new LinearShape("classifier.dense", HiddenSize, HiddenSize) { Bias = true }] : Array.Empty<LinearShape>(),
        new LinearShape(HeadPath, HiddenSize, Classes.Count) { Bias = true },
    ];

    internal override IReadOnlyList<LayerShape> LayerShapes => [.. Enumerable.Range(0, Layers).Select(layer => LayerShape.Of(this, [.. LinearsOf(layer)]))];

    public override BertClassifier Build(WeightLookup weights, Attachments? attached = null) => new(this, weights, attached ?? new Attachments());

    public override string BlockPath(int layer, SubLayer part) => InLayer(layer, part == SubLayer.Attention ? "attention.output" : "output");

    public override KeyValueCache NewCache(int rows, int capacity, ScalarType format) => throw new NotSupportedException("a classifier generates nothing");

    internal string Inside(string module) => $"{(IsRoberta ? "roberta" : "bert")}.{module}";

    internal string InLayer(int layer, string module) => string.Create(CultureInfo.InvariantCulture, $"{Inside("encoder.layer")}.{layer}.{module}");

    private IEnumerable<LinearShape> LinearsOf(int layer)
    {
        LinearShape Shape(string module, long input, long output) => new(InLayer(layer, module), input, output) { Bias = true };
        foreach (var name in new[] { "query", "key", "value" })
            yield return Shape($"attention.self.{name}", HiddenSize, HiddenSize);
        yield return Shape("attention.output.dense", HiddenSize, HiddenSize);
        yield return Shape("intermediate.dense", HiddenSize, IntermediateSize);
        yield return Shape("output.dense", IntermediateSize, HiddenSize);
    }
}
