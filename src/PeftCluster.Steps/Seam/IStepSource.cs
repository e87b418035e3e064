namespace PeftCluster.Steps.Seam;

/// <summary>
/// The seam between who computes and when it counts: what one worker can do for one job. Training implements it with
/// tensors, <c>ArithmeticSource</c> with a made-up smooth function; the cluster knows only this. All numbers in
/// and out are plain memory. Calls for one source come one after another.
/// </summary>
public interface IStepSource : IAsyncDisposable
{
    /// <summary>Layout, trained and base parameter counts. From the configuration alone; no weights are read.</summary>
    Task<SourceDescription> DescribeAsync(CancellationToken cancellation);

    /// <summary>Version 0 of the adapter: writes <c>Layout.Length</c> floats. Equal bits on every worker and at every call.</summary>
    Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation);

    /// <summary>
    /// The sum of adapter gradients of one micro-batch, already divided by the step's denominator.
    /// A pure function of (job, adapter, step, shard); overwrites all of <paramref name="gradient"/>, padding with zeros.
    /// </summary>
    /// <param name="work">The step and the micro-batch.</param>
    /// <param name="adapter">Version <c>work.Step</c> of the adapter, <c>Layout.Length</c> floats.</param>
    /// <param name="gradient">Where the gradient goes, <c>Layout.Length</c> floats.</param>
    /// <param name="cancellation">Polled between layers.</param>
    Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation);

    /// <summary>One fixed batch of held-out rows: results by row.</summary>
    /// <param name="work">Rows and shots.</param>
    /// <param name="adapter">The adapter, or null for the base model alone.</param>
    /// <param name="cancellation">Polled between tokens.</param>
    Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation);

    /// <summary>Writes the adapter in the Hugging Face PEFT layout into an existing, empty folder.</summary>
    Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation);
}
