using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// What a method adds to a model, known before any weight is read: the vector's layout, its first version, and what it
/// attaches to the model. Each method has its spec record, and a folder beside this file with its plan, its layers and its file's words.
/// </summary>
public abstract class AdapterPlan
{
    /// <summary>The spec, with what it left to the family written out where PEFT's files have it.</summary>
    public abstract MethodSpec Method { get; }

    /// <summary>Everything that is trained, in the order of the model's modules.</summary>
    public abstract VectorLayout Layout { get; }

    /// <summary>The method for people, for example "LoRA r 8 on q_proj, v_proj".</summary>
    public abstract string Summary { get; }

    /// <summary>The share of the layers' inputs that is dropped while training.</summary>
    public abstract double Dropout { get; }

    /// <summary>The model's own weights that the method trains beside what it adds; <see cref="SavedModules"/> trains them.</summary>
    public virtual IReadOnlyList<WholeWeight> WholeWeights => [];

    /// <summary>What is kept for the backward pass because the method stands around a linear layer; an estimate, rather too much.</summary>
    internal virtual KeptNumbers KeptAround(LinearShape layer) => default;

    /// <summary>The same of what it has behind the parts of a layer.</summary>
    internal virtual KeptNumbers KeptBehind(int layer) => default;

    /// <summary>What a spec asks of a model.</summary>
    /// <exception cref="BadInputException">The model has not what the spec names.</exception>
    public static AdapterPlan Of(MethodSpec method, ModelConfig model)
    {
        try
        {
            return SavedModules.Around(PeftMethods.Of(method).Plan(method, model), model);
        }
        catch (OverflowException error)
        {
            throw new BadInputException($"method: the adapter would have more than {int.MaxValue:N0} numbers on this model, or config.json names sizes that none has. Choose a smaller rank or fewer modules.", error);
        }
    }

    /// <summary>Version 0 of the vector: a function of the seed, the layout and, for some methods, the base's weights. Padding becomes zero.</summary>
    /// <param name="vector">Layout.Length floats.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="weights">The base's weights, in its number format (<see cref="Numbers.CopyNumbersTo"/> widens them); most methods ask for none, and then none needs to be read.</param>
    public abstract void Initialise(Span<float> vector, long seed, WeightLookup weights);

    /// <summary>
    /// What the adapter computes with and nobody trains; most methods have none. It does not travel with the vector: whoever needs it makes
    /// it by <see cref="FillFrozen"/>, with the same bits in one numeric class.
    /// </summary>
    public virtual VectorLayout Frozen { get; } = VectorLayout.Of([]);

    /// <summary>Makes what <see cref="Frozen"/> lists, a function of the spec and the base's weights. Call it on a device's thread.</summary>
    /// <param name="frozen">Frozen.Length floats, zeros.</param>
    /// <param name="weights">The base's weights, in its number format.</param>
    public virtual void FillFrozen(Span<float> frozen, WeightLookup weights)
    {
    }

    /// <summary>The adapter as it is written to a file, which works on the base as it is: for most methods the vector itself.</summary>
    /// <param name="adapter">Layout.Length floats.</param>
    /// <param name="frozen">Frozen.Length floats.</param>
    public virtual ExportedAdapter Exported(ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen) => new(Method, Layout, adapter);

    /// <summary>What stands in the model and uses the vector's views.</summary>
    /// <param name="vector">The parameters that they read and train.</param>
    /// <param name="dropout">What sets inputs to zero while training.</param>
    public abstract Attachments Attach(TrainedVector vector, AdapterDropout dropout);

    /// <summary>Whether a weight of a module that the model's task saves beside any adapter (its head) is trained so; else the method sees to it itself.</summary>
    public virtual bool LeavesToTask(string weight) => true;

    /// <summary>What stands in the adapter's file before the name of a weight that is trained whole.</summary>
    internal virtual string SavedPrefix => AdapterFolder.KeyPrefix;

    /// <summary>What the coordinator does with the adapter's ranks after each step; null: nothing.</summary>
    public virtual RankAllocation? Allocation => null;

    /// <summary>The loss's term of the adapter alone, whatever the rows: adds its gradient to the vector's, and answers its weighted value. 0: the method has none.</summary>
    internal virtual double AddAdapterLoss(TrainedVector vector) => 0;

    /// <summary>Places that the adapter puts before each row; they count to the model's context.</summary>
    public virtual int PlacesBefore => 0;

    /// <summary>Whether the adapter can become a part of the base's weights.</summary>
    public virtual bool CanMerge => true;

    /// <summary>
    /// The base's weights with the adapter folded in: a model built over them needs no adapter. The base itself stays as it is, so
    /// there is nothing to undo: dispose what you got.
    /// </summary>
    /// <param name="weights">The base's weights.</param>
    /// <param name="adapter">Layout.Length floats.</param>
    /// <exception cref="BadInputException">It is not <see cref="CanMerge"/>.</exception>
    public abstract MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter);

    /// <summary><see cref="Frozen"/>, made.</summary>
    internal float[] MakeFrozen(WeightLookup weights)
    {
        var frozen = new float[Frozen.Length];
        FillFrozen(frozen, weights);
        return frozen;
    }

    /// <summary>A slice of the vector as a tensor of its own.</summary>
    protected static Tensor Copy(VectorSlice slice, ReadOnlySpan<float> adapter)
    {
        var copy = empty([.. slice.Shape]);
        adapter.Slice(slice.Offset, slice.Length).CopyTo(MemoryMarshal.Cast<byte, float>(copy.bytes));
        return copy;
    }
}

/// <summary>An adapter in the form that a file has.</summary>
/// <param name="Method">What the file's configuration says.</param>
/// <param name="Layout">The file's tensors.</param>
/// <param name="Vector">Layout.Length floats.</param>
public sealed record ExportedAdapter(MethodSpec Method, VectorLayout Layout, ReadOnlyMemory<float> Vector);

/// <summary>A weight of the model that is trained itself.</summary>
/// <param name="Weight">Its Hugging Face name.</param>
/// <param name="Key">Its key in the adapter's file.</param>
/// <param name="Group">Learning-rate factor and weight decay.</param>
public sealed record WholeWeight(string Weight, string Key, ParameterGroup Group);

/// <summary>Numbers in float32 that a place of a model keeps for its backward pass.</summary>
/// <param name="OfToken">For each token.</param>
/// <param name="OfLayer">However many tokens.</param>
internal readonly record struct KeptNumbers(long OfToken, long OfLayer = 0);
