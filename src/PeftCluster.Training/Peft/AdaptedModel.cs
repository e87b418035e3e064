using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;

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
        Model = config.Build(weights, attached with { Embedding = (ids, x, site) => _noise.Apply(attached.Embedding?.Invoke(ids, x, site) ?? x, site) });
    }

    /// <summary>The model with its adapter; computes what the vector says at that moment.</summary>
    public IModel Model { get; }

    /// <summary>The adapter.</summary>
    public TrainedVector Vector { get; }

    /// <summary>Inputs are dropped out, and embeddings have noise, as this micro-batch's from here on.</summary>
    public void BeginTraining(int step, MicroBatch batch)
    {
        _dropout.Begin(step, batch);
        _noise.Begin(step, batch);
    }

    /// <summary>Nothing is dropped, and there is no noise, from here on.</summary>
    public void EndTraining()
    {
        _dropout.End();
        _noise.End();
    }

    /// <summary>Adds the gradient of the loss's term of the adapter alone; answers its value.</summary>
    public double AddAdapterLoss() => _plan.AddAdapterLoss(Vector);

    public void Dispose() => Vector.Dispose();
}
