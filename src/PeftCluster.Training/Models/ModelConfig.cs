using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// What config.json says of a model: enough to know every weight and its shape without reading one. Each family has a reader
/// of its own and one line in <see cref="ModelConfigFile"/>.
/// </summary>
public abstract record ModelConfig
{
    /// <summary>The family's name in config.json, for example <c>llama</c>.</summary>
    public abstract string ModelType { get; init; }

    /// <summary>V, the number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>D, the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Layers; of two stacks the encoder's.</summary>
    public required int Layers { get; init; }

    /// <summary>H, query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>K, key and value heads; H is a multiple of it.</summary>
    public required int KeyHeads { get; init; }

    /// <summary>N, the size of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>The most tokens that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Linear layers in the order of the model's modules; the head is the last one where it has a weight of its own.</summary>
    public abstract IReadOnlyList<LinearShape> Linears { get; }

    /// <summary>The layers in the order in which a pass goes through them; of two stacks the encoder's first.</summary>
    internal abstract IReadOnlyList<LayerShape> LayerShapes { get; }

    /// <summary>The path of the tokens' embedding [V, D]; its weight is this + <c>.weight</c>.</summary>
    public abstract string EmbeddingPath { get; }

    /// <summary>The path of the output head.</summary>
    public abstract string HeadPath { get; }

    /// <summary>Whether embedding and output head are one weight.</summary>
    public bool SharesHead => !Weights.ContainsKey($"{HeadPath}.weight");

    /// <summary>The output head of a model that writes text, its weight its own or the embedding's.</summary>
    public LinearShape HeadShape => new(HeadPath, HiddenSize, VocabularySize);

    /// <summary>What the model is for.</summary>
    public virtual PeftTask Task => PeftTask.CausalLanguageModel;

    /// <summary>Names of modules that only other models of the family have: a list that is written for all of them may name these too.</summary>
    public virtual IReadOnlyList<string> AbsentModules => [];

    /// <summary>Layers that a bottleneck can stand in: those of all stacks, the encoder's first.</summary>
    public virtual int Blocks => Layers;

    /// <summary>The path of the module that AdapterHub's bottlenecks of a layer's part are in; null: the family has no place for them.</summary>
    public virtual string? BlockPath(int layer, SubLayer part) => null;

    /// <summary>Every weight that the files must have, by name, with its shape.</summary>
    public abstract IReadOnlyDictionary<string, IReadOnlyList<long>> Weights { get; }

    /// <summary>
    /// How widely a weight spreads that files may lack, since only training gives it a value: a head for another task than the one that the
    /// model was trained for. Null: the files must have it.
    /// </summary>
    internal virtual double? SpreadIfMissing(string weight) => null;

    /// <summary>Whether nothing but rows is ever taken of a weight: it goes into no product. True of an embedding that is not the head too.</summary>
    internal virtual bool IsOnlyLookedUp(string weight) => false;

    /// <summary>Numbers of the model.</summary>
    public long Parameters => Weights.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>
    /// Builds the module tree over weights that somebody else owns. The weights may be frozen (training of an adapter) or
    /// require gradients (training of a whole model): the model computes the same and learns in both cases.
    /// </summary>
    /// <param name="weights">Gives a weight by name, for each name in <see cref="Weights"/>, in any number format.</param>
    /// <param name="attached">What an adapter adds; null: nothing.</param>
    public abstract IModel Build(WeightLookup weights, Attachments? attached = null);

    /// <summary>An empty cache for generation. Ask <see cref="ICausalModel.NewCache"/>, which knows what stands before a row.</summary>
    /// <param name="rows">B</param>
    /// <param name="capacity">The most places of a row.</param>
    /// <param name="format">The number format that flows through the model.</param>
    public abstract KeyValueCache NewCache(int rows, int capacity, ScalarType format);
}
