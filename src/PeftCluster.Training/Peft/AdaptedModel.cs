using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// One worker's own module tree: the model over shared weights with what an adapter attaches to it, and the adapter's vector.
/// Make it, use it and dispose it on its device's thread.
/// </summary>
public sealed class AdaptedModel : IDisposable
{
    private readonly AdapterPlan _plan;
    private readonly AdapterDropout _dropout;
    private readonly EmbeddingNoise _noise;
    private readonly Recomputation _recomputation = new();

    /// <param name="config">The model.</param>
    /// <param name="weights">Its frozen weights, which somebody else owns.</param>
    /// <param name="plan">The adapter.</param>
    /// <param name="seed">The job's seed, for dropout and noise.</param>
    /// <param name="noise">α of NEFTune; 0: no noise.</param>
    public AdaptedModel(ModelConfig config, WeightLookup weights, AdapterPlan plan, long seed = 0, double noise = 0)
    {
        _plan = plan;
        _noise = new EmbeddingNoise(noise, seed);
        _dropout = new AdapterDropout(plan.Dropout, seed);
        Vector = new TrainedVector(plan.Layout, new FrozenPart(plan.Frozen, plan.MakeFrozen(weights)));
        var attached = plan.Attach(Vector, _dropout);
        Model = config.Build(weights, attached with
        {
            Embedding = (ids, x, site) => _noise.Apply(attached.Embedding?.Invoke(ids, x, site) ?? x, site),
            Recomputation = _recomputation,
        });
    }

    /// <summary>The model with its adapter; computes what the vector says at that moment.</summary>
    public IModel Model { get; }

    /// <summary>The adapter.</summary>
    public TrainedVector Vector { get; }

    /// <summary>A pass over a micro-batch of training: its dropout, its noise, and layers of which only the input is kept.</summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="recomputed">Layers that <see cref="Backward"/> will compute again; 0: none.</param>
    /// <param name="forward">Computes what the model gives.</param>
    /// <param name="owners">Of each answer choice that goes through the model the place of its row in the micro-batch, ascending; null: rows have no choices.</param>
    public T Train<T>(int step, MicroBatch batch, int recomputed, Func<IModel, T> forward, IReadOnlyList<int>? owners = null)
    {
        _recomputation.Begin(recomputed);
        return AsTraining(step, batch, owners, () => forward(Model));
    }

    /// <summary>The backward pass of the latest <see cref="Train"/>: adds to the vector's gradient.</summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="last">What the model gave.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="owners">As in <see cref="Train"/>.</param>
    public void Backward(int step, MicroBatch batch, Tensor last, Tensor gradient, IReadOnlyList<int>? owners = null)
    {
        // What is computed again must be dropped out as it was.
        AsTraining(step, batch, owners, () =>
        {
            _recomputation.Backward(last, gradient);
            return true;
        });
    }

    /// <summary>Adds the gradient of the loss's term of the adapter alone; answers its value.</summary>
    public double AddAdapterLoss() => _plan.AddAdapterLoss(Vector);

    public void Dispose()
    {
        _recomputation.Dispose();
        Vector.Dispose();
    }

    private T AsTraining<T>(int step, MicroBatch batch, IReadOnlyList<int>? owners, Func<T> work)
    {
        _dropout.Begin(step, batch, owners);
        _noise.Begin(step, batch, owners);
        try
        {
            return work();
        }
        finally
        {
            _dropout.End();
            _noise.End();
            _recomputation.End();
        }
    }
}
