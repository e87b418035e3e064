using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;

namespace PeftCluster.Server.Node;

/// <summary>
/// A source whose rows may still be elsewhere: they are brought before the device's thread is entered, so a slow network never holds a
/// device, and a cancelled wait ends at once.
/// </summary>
/// <param name="inner">Computes.</param>
/// <param name="data">Its rows; let go with the source.</param>
/// <param name="evaluator">Knows which rows stand in prompts; null without held-out rows.</param>
/// <param name="content">Who has the rows.</param>
internal sealed class NodeSource(IStepSource inner, StockedData data, RowEvaluator? evaluator, IContentSource content) : IStepSource
{
    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => inner.DescribeAsync(cancellation);

    public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation) => inner.InitialiseAsync(adapter, cancellation);

    public async Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation)
    {
        if (work.MicroBatch.Rows.Count > 0)
            await data.Rows.NeedTrainAsync(work.MicroBatch.Shard, content, cancellation);
        return await inner.GradientAsync(work, adapter, gradient, cancellation);
    }

    public async Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation)
    {
        await data.Rows.NeedHeldOutAsync(content, cancellation);
        if (work.Shots > 0 && evaluator is not null)
            await data.Rows.NeedTrainRowsAsync(evaluator.Examples(work), content, cancellation);
        return await inner.EvaluateAsync(work, adapter, cancellation);
    }

    public Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation) => inner.ExportAsync(adapter, folder, cancellation);

    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await data.DisposeAsync();
    }
}
