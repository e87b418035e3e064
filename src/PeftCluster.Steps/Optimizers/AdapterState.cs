using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// The adapter at one version and what the job keeps beside it, the optimizer's vectors, an average, ranks: what the coordinator owns and alone writes. A step made now and a
/// step replayed from its record go through the same arithmetic; only the scalars come from elsewhere.
/// </summary>
public sealed class AdapterState
{
    private readonly TrainingSpec _training;
    private readonly Optimizer _optimizer;
    private readonly MovingAverage? _average;
    private readonly RankAllocator? _ranks;
    private float[] _adapter;

    /// <param name="layout">The adapter's layout.</param>
    /// <param name="training">Optimizer, clipping, averaging.</param>
    /// <param name="version">How many steps were made.</param>
    /// <param name="adapter">The parameters at that version; copied.</param>
    /// <param name="allocation">How ranks are pruned, or null: they are not.</param>
    public AdapterState(VectorLayout layout, TrainingSpec training, int version, ReadOnlySpan<float> adapter, RankAllocation? allocation = null)
    {
        if (adapter.Length != layout.Length)
            throw new ArgumentException($"the layout has {layout.Length} floats, not {adapter.Length}", nameof(adapter));
        (Layout, _training, Version) = (layout, training, version);
        _optimizer = Optimizer.Of(layout, training);
        _adapter = adapter.ToArray();
        _ranks = allocation is null ? null : new RankAllocator(layout, allocation);
        _average = training.EmaDecay is null ? null : new MovingAverage(layout, training, adapter);
    }

    public VectorLayout Layout { get; }

    /// <summary>How many steps were made, which is the number of the next step.</summary>
    public int Version { get; private set; }

    /// <summary>The parameters. The next step changes them in place: hand out a copy.</summary>
    public ReadOnlyMemory<float> Adapter => _adapter;

    /// <summary>The parameters' memory, for whoever shows it to others without a copy until the next step.</summary>
    public float[] Memory => _adapter;

    /// <summary>What is measured and exported of this version: the average where the job wants one, else the adapter. Changed in place like it.</summary>
    public ReadOnlyMemory<float> Result => _average?.Values ?? _adapter;

    /// <summary>What the next step needs besides the adapter, and nothing more; changed in place like it.</summary>
    public IReadOnlyList<NamedVector> Vectors =>
        [.. _optimizer.Vectors, .. _average?.Vectors ?? [], .. _ranks?.Vectors ?? []];

    /// <summary>Takes up the vectors of a snapshot.</summary>
    /// <exception cref="InvalidDataException">They are not those that the job keeps.</exception>
    public void Restore(IReadOnlyList<NamedVector> vectors) => NamedVector.Restore(vectors, Vectors);

    /// <summary>Goes on in other memory: whoever reads the old one may do so for as long as he likes.</summary>
    public void LeaveMemory() => _adapter = _adapter.ToArray();

    /// <summary>Makes the next step.</summary>
    /// <param name="schedule">The job's learning rates.</param>
    /// <param name="gradient">The summed gradient; its norm must be finite.</param>
    /// <param name="knownNorm">Its <see cref="BlockSum.Norm"/>, where that has been computed already.</param>
    public StepUpdate Advance(LearningRateSchedule schedule, ReadOnlyMemory<float> gradient, double? knownNorm = null)
    {
        var norm = knownNorm ?? BlockSum.Norm(Layout, gradient.Span);
        if (!double.IsFinite(norm))
            throw new ArgumentException($"the gradient of step {Version} is not finite", nameof(gradient));
        var update = new StepUpdate(StepScalars.Of(_training, schedule, Version), norm, GradientClipping.Factor(norm, _training.MaxGradNorm));
        Repeat(update, gradient);
        return update;
    }

    /// <summary>Makes the next step with numbers that were recorded when it was first made.</summary>
    public void Repeat(StepUpdate update, ReadOnlyMemory<float> gradient)
    {
        _optimizer.Apply(update.Scalars, gradient, update.ClipFactor, _adapter);
        Version++;
        _ranks?.Follow(Version, gradient, update.ClipFactor, _adapter);
        _average?.Take(Version, _adapter);
    }
}

/// <summary>The numbers of one step that its record keeps.</summary>
/// <param name="Scalars">Learning rate and bias corrections.</param>
/// <param name="GradientNorm">The norm before clipping.</param>
/// <param name="ClipFactor">What the gradient was multiplied by.</param>
public readonly record struct StepUpdate(StepScalars Scalars, double GradientNorm, double ClipFactor);
