using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Prompts;

/// <summary>
/// What the methods that put something before each text have in common: one table, a row for each place, which is trained
/// itself or given by an encoder that is. Unusual: with an encoder the trained vector is not the file's. P places.
/// </summary>
public abstract class PromptPlan : AdapterPlan
{
    /// <summary>The table's key in PEFT's files.</summary>
    internal const string TableKey = "prompt_embeddings";

    private readonly PromptEncoder? _encoder;
    private readonly VectorLayout _file;
    private readonly int _places;

    /// <param name="spec">The spec.</param>
    /// <param name="places">P</param>
    /// <param name="table">The table's shape; it may have more than P rows.</param>
    /// <param name="encoder">What gives it, or null.</param>
    private protected PromptPlan(PromptSpec spec, int places, (long Rows, long Width) table, PromptEncoder? encoder)
    {
        (_places, _encoder) = (places, spec.IsFinished ? null : encoder);
        _file = VectorLayout.Of([(TableKey, [table.Rows, table.Width], new ParameterGroup())]);
        Layout = _encoder?.Layout ?? _file;
    }

    public sealed override VectorLayout Layout { get; }

    public sealed override double Dropout => 0;

    public sealed override int PlacesBefore => _places;

    public sealed override bool CanMerge => false;

    /// <summary>A prompt wraps no module, so PEFT's model has one level less.</summary>
    internal sealed override string SavedPrefix => "base_model.";

    public sealed override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        if (_encoder is not null)
            _encoder.Initialise(vector, Layout, seed);
        else
            InitialiseTable(vector[..Layout.Slices[0].Length], seed, weights);
    }

    public sealed override ExportedAdapter Exported(ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen)
    {
        if (_encoder is null)
            return base.Exported(adapter, frozen);
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        var parameters = Layout.Slices.ToDictionary(slice => slice.Key, slice => Copy(slice, adapter.Span), StringComparer.Ordinal);
        var finished = new float[_file.Length];
        MemoryMarshal.Cast<byte, float>(_encoder.Encode(key => parameters[key]).contiguous().bytes).CopyTo(finished);
        return new ExportedAdapter(Method, _file, finished);
    }

    public sealed override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter) =>
        throw new BadInputException($"{Summary}: what stands before a text is no weight of the model, so that it cannot be merged. Use the adapter beside its base model.");

    public sealed override Attachments Attach(TrainedVector vector, AdapterDropout dropout) =>
        Before(new LearntPlaces(_places, () => Placed(_encoder?.Encode(key => vector[key]) ?? vector[TableKey])));

    /// <summary>The table's start.</summary>
    private protected abstract void InitialiseTable(Span<float> table, long seed, WeightLookup weights);

    /// <summary>The table as the model takes it.</summary>
    private protected abstract Tensor Placed(Tensor table);

    /// <summary>Where the places stand.</summary>
    private protected abstract Attachments Before(LearntPlaces places);
}

/// <summary>
/// Prompts of embeddings. For an encoder's model PEFT has rows for encoder and decoder, and uses the encoder's alone, which come first: so the
/// table has 2P rows then, and the others never learn. D hidden size.
/// </summary>
public abstract class EmbeddingPromptPlan : PromptPlan
{
    private protected EmbeddingPromptPlan(PromptSpec spec, int places, ModelConfig model, PromptEncoder? encoder)
        : base(spec, places, (places * PromptAdapterConfig.Submodules(model), model.HiddenSize), encoder)
    {
    }

    private protected sealed override Tensor Placed(Tensor table) => table.narrow(0, 0, PlacesBefore);

    private protected sealed override Attachments Before(LearntPlaces places) => new() { VirtualTokens = places };
}
