using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// What an adapter adds to a model, for <see cref="ModelConfig.Build"/>: each member is a place where a method can stand, and one that
/// is null leaves the model there as it is. A model asks for layers, weights and blocks once, when it is built; what it gets
/// reads the trained vector at each pass. Unusual: whatever stands here computes in float32, also in a model through which bfloat16 flows; what goes in
/// is widened and what comes out is rounded (<see cref="WidenedLinear"/>), as PEFT does it with autocast_adapter_dtype. B rows, T tokens, D hidden size.
/// </summary>
public sealed record Attachments
{
    /// <summary>Stands around linear layers; called for each but the head.</summary>
    public LinearWrapper? Linear { get; init; }

    /// <summary>Stands around the output head of a model that writes text.</summary>
    public HeadWrapper? Head { get; init; }

    /// <summary>
    /// A trained tensor in the place of a frozen weight, of the same shape: a bias, a norm, the embedding, the head, whatever
    /// <see cref="ModelConfig.Weights"/> names. Null as an answer: the frozen one.
    /// </summary>
    public TrainedWeight? Weights { get; init; }

    /// <summary>Changes what the embedding gives for a row's own tokens, before it is scaled.</summary>
    public EmbeddingChange? Embedding { get; init; }

    /// <summary>Embeddings before each row's own, [P, D]; the row's tokens move by P places.</summary>
    public LearntPlaces? VirtualTokens { get; init; }

    /// <summary>
    /// Keys and values before each layer's own, [2L, K, P, N] of K key heads with N numbers: layer ℓ's keys are the tensor at 2ℓ, its values
    /// the one after. The row's tokens move by P places; the keys are used as they are, not turned.
    /// </summary>
    public LearntPlaces? Prefix { get; init; }

    /// <summary>Changes what a layer's attention or feed-forward part gives, before it joins the residual stream.</summary>
    public BlockWrapper? Block { get; init; }

    /// <summary>Computes layers again in the backward pass; null: each keeps what its own needs.</summary>
    internal Recomputation? Recomputation { get; init; }

    /// <summary>Whether products of bfloat16 are taken; else a base in that format is widened where it is used.</summary>
    internal bool MultipliesBfloat16 { get; init; } = Bfloat16Products.AreFast;

    /// <summary>P, the places before each row.</summary>
    internal int PlacesBefore => (VirtualTokens?.Count ?? 0) + (Prefix?.Count ?? 0);

    /// <summary>Places of a cache that they need: rows with virtual tokens are filled up to a multiple of <see cref="PaddedLength.Multiple"/> again.</summary>
    internal int Room => PaddedLength.Of(VirtualTokens?.Count ?? 0) + (Prefix?.Count ?? 0);

    /// <summary>The number format that flows through a model, what it trains counted as what it is.</summary>
    internal ScalarType Flowing(ModelConfig config, WeightLookup frozen) => Formats.Flowing(config, name => Over(frozen)(name).dtype, MultipliesBfloat16);

    /// <summary>Embeddings of tokens, [B, T, D], with what changes them.</summary>
    /// <param name="table_VD">The embedding's weight.</param>
    /// <param name="ids_BT">int64 ids.</param>
    /// <param name="flowing">The format of what comes out.</param>
    /// <param name="site">0, or 1 for a decoder beside an encoder.</param>
    internal Tensor Embed(Tensor table_VD, Tensor ids_BT, ScalarType flowing, int site = 0)
    {
        var x_BTD = table_VD.index_select(0, ids_BT.reshape(-1)).view(ids_BT.shape[0], ids_BT.shape[1], -1);
        return (Embedding?.Invoke(ids_BT, x_BTD.to(ScalarType.Float32), site) ?? x_BTD).to(flowing);
    }

    /// <summary>Rows with the virtual tokens before them, [B, P + T, D], where there are any.</summary>
    internal Tensor BehindVirtualTokens(Tensor x_BTD) =>
        VirtualTokens is { } tokens ? cat([tokens.Make().to(x_BTD.dtype).expand(x_BTD.shape[0], -1, -1), x_BTD], 1) : x_BTD;

    /// <summary>The learnt keys and values in a format; null: there are none.</summary>
    internal Tensor? PrefixAs(ScalarType format) => Prefix?.Make().to(format);

    /// <summary>What comes out of a stack's last layer.</summary>
    internal Tensor Through(LayerStack stack, Tensor x_BTD, CancellationToken cancellation) =>
        Recomputation?.Run(stack, x_BTD, cancellation) ?? stack.Run(x_BTD, cancellation);

    /// <summary>A linear layer with what stands around it.</summary>
    internal ILinear Around(LinearShape shape, IPlainLinear plain, ScalarType flowing) =>
        Linear is null ? plain : flowing == ScalarType.Float32 ? Linear(shape, plain) : WidenedLinear.Around(shape, plain, flowing, Linear);

    /// <summary>What stands behind a part of a layer, or null.</summary>
    internal IBlock? Behind(int layer, SubLayer part, ScalarType flowing) =>
        Block?.Invoke(layer, part) is { } block ? flowing == ScalarType.Float32 ? block : new WidenedBlock(block) : null;

    /// <summary>The output head with what stands around it.</summary>
    internal OutputHead Around(OutputHead plain) => Head?.Invoke(plain) ?? plain;

    /// <summary>A model's weights, trained ones in the place of frozen ones.</summary>
    internal WeightLookup Over(WeightLookup frozen) => Weights is null ? frozen : name => Weights(name) ?? frozen(name);
}

/// <summary>What stands in the place of embeddings [B, T, D].</summary>
/// <param name="ids_BT">The tokens.</param>
/// <param name="x_BTD">Their embeddings.</param>
/// <param name="site">0, or 1 for a decoder beside an encoder.</param>
public delegate Tensor EmbeddingChange(Tensor ids_BT, Tensor x_BTD, int site);

/// <summary>The trained tensor under a weight's Hugging Face name, or null: that weight is frozen.</summary>
public delegate Tensor? TrainedWeight(string name);

/// <summary>Places before a row that training fills.</summary>
/// <param name="Count">P</param>
/// <param name="Make">Makes what stands there, once in each pass.</param>
public sealed record LearntPlaces(int Count, Func<Tensor> Make);

/// <summary>The two parts of a layer that read the residual stream and add to it.</summary>
public enum SubLayer
{
    Attention,

    FeedForward,
}

/// <summary>What stands behind a part of a layer.</summary>
public interface IBlock
{
    /// <summary>Gives what joins the residual stream in the place of the part's own output.</summary>
    /// <param name="output_BTD">h, what the part gives.</param>
    /// <param name="residual_BTD">r, the residual stream as it entered the part; the caller adds it.</param>
    /// <param name="norm">The norm of the sum h + r in models that have one there; null: none.</param>
    /// <returns>[B, T, D]</returns>
    Tensor Forward(Tensor output_BTD, Tensor residual_BTD, Func<Tensor, Tensor>? norm);
}

/// <summary>What stands behind a part of layer <paramref name="layer"/> of <see cref="ModelConfig.Blocks"/>, or null: nothing.</summary>
public delegate IBlock? BlockWrapper(int layer, SubLayer part);
