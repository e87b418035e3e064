using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Steps.Seam;

/// <summary>
/// A step source without a model: a made-up smooth function, in microseconds, with which the cluster is tested, killed and
/// fuzzed by the thousand. Its loss falls under AdamW, and its bits depend on the job's seed, rows, step and adapter only.
/// With a target t of the job and a point x of the row, the loss of one label is
/// <code>mean over i of √(1 + dᵢ²) − 1,   dᵢ = pᵢ − tᵢ − (xᵢ + noise of (step, row)ᵢ) ÷ 10</code>
/// and the labels of a micro-batch are spread evenly over its rows. Square roots are exact, so every host has the same bits.
/// </summary>
public sealed class ArithmeticSource : IStepSource
{
    /// <summary>A held-out row is answered exactly when the loss of one of its labels is below this.</summary>
    public const double ExactBelow = 0.01;

    private const int NoStep = -1;

    // The sign: an optimizer that divides by the gradient's size would make nothing of a small difference.
    private const int FlippedBit = int.MinValue;
    private readonly ArithmeticShape _shape;
    private readonly VectorLayout _layout;
    private readonly long _seed;
    private readonly ulong _key;
    private readonly float[] _target;

    /// <param name="seed">The job's seed.</param>
    /// <param name="shape">The adapter's size and planted faults.</param>
    public ArithmeticSource(long seed, ArithmeticShape shape)
    {
        (_seed, _shape, _layout) = (seed, shape, shape.Layout);
        _key = Philox4x32.Key(seed, "arithmetic");
        _target = Drawn("arithmetic target", scale: 1);
    }

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) =>
        Task.FromResult(new SourceDescription(_layout, _layout.Parameters, 0, "made-up arithmetic", "arithmetic", _shape.Allocation));

    public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation)
    {
        Drawn(PhiloxPurpose.InitialValues, scale: 0.01f).CopyTo(adapter);
        return Task.CompletedTask;
    }

    public Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var place = (work.Step, work.MicroBatch.Shard);
        if (place == _shape.Throws)
            throw new InvalidOperationException($"planted: the device fails at step {work.Step}, shard {work.MicroBatch.Shard}");
        var batch = work.MicroBatch;
        var labelsPerRow = batch.Rows.Count == 0 ? 0 : (double)batch.Labels / batch.Rows.Count;
        var weight = (float)(labelsPerRow / ((double)work.Denominator * _layout.Parameters));
        gradient.Span.Clear();
        var loss = 0.0;
        foreach (var row in batch.Rows)
            loss += labelsPerRow * LossOf(row, work.Step, adapter.Span, weight, gradient.Span);
        if (place == _shape.NotFinite)
            gradient.Span[0] = float.NaN;
        if (place == _shape.Flipped)
            gradient.Span[0] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(gradient.Span[0]) ^ FlippedBit);
        return Task.FromResult(new LeafResult(loss, batch.Labels, batch.Tokens));
    }

    public Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var parameters = adapter ?? new float[_layout.Length];
        return Task.FromResult<IReadOnlyList<RowEvaluation>>([.. work.Rows.Select(row => Evaluated(row, work.Shots, parameters))]);
    }

    /// <summary>Writes adapter_model.safetensors.</summary>
    public Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation)
    {
        using var file = File.Create(Path.Combine(folder, "adapter_model.safetensors"));
        SafetensorsWriter.Write(file, _layout.Slices.Select(slice =>
            SafetensorsTensor.Of(slice.Key, slice.Shape, adapter.Slice(slice.Offset, slice.Length))));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RowEvaluation Evaluated(int row, int shots, ReadOnlyMemory<float> parameters)
    {
        // Held-out rows are numbered from 0 as the training rows are; ~row keeps them apart. Examples help a little.
        var labels = 3 + row % 5;
        var loss = LossOf(~row, NoStep, parameters.Span, 0, []) / (1 + 0.1 * shots);
        return new RowEvaluation(row, labels * loss, labels, loss < ExactBelow, 10 + row % 7 + 15 * shots);
    }

    /// <summary>The loss of one label of a row; adds weight × its slope to the gradient where there is one.</summary>
    private double LossOf(int row, int step, ReadOnlySpan<float> parameters, float weight, Span<float> gradient)
    {
        Span<float> noise = stackalloc float[4];
        var loss = 0.0;
        foreach (var slice in _layout.Slices)
            for (var j = 0; j < slice.Length; j++)
            {
                var i = slice.Offset + j;
                if (j % 4 == 0)
                    Noise(row, step, i / 4, noise);
                var distance = parameters[i] - _target[i] - noise[j % 4];
                var root = MathF.Sqrt(1 + distance * distance);
                loss += root - 1;
                if (!gradient.IsEmpty)
                    gradient[i] += weight * (distance / root);
            }
        return loss / _layout.Parameters;
    }

    /// <summary>A tenth of: a number of the row in −1 … 1, and one a tenth as large of (row, step).</summary>
    private void Noise(int row, int step, int block, Span<float> noise)
    {
        var ofRow = Philox4x32.Block(_key, (uint)block, (uint)row);
        var ofStep = step == NoStep ? default : Philox4x32.Block(_key, (uint)block, ((ulong)(step + 1) << 32) | (uint)row);
        noise[0] = Centred(ofRow.X0) + 0.1f * Centred(ofStep.X0);
        noise[1] = Centred(ofRow.X1) + 0.1f * Centred(ofStep.X1);
        noise[2] = Centred(ofRow.X2) + 0.1f * Centred(ofStep.X2);
        noise[3] = Centred(ofRow.X3) + 0.1f * Centred(ofStep.X3);
    }

    private static float Centred(uint random) => ((random >> 8) / (float)(1 << 23) - 1) * 0.1f;

    private float[] Drawn(string purpose, float scale)
    {
        var vector = new float[_layout.Length];
        for (var i = 0; i < _layout.Slices.Count; i++)
        {
            var slice = _layout.Slices[i];
            var random = new PhiloxStream(_seed, purpose, (ulong)i);
            foreach (ref var value in vector.AsSpan(slice.Offset, slice.Length))
                value = scale * (float)(2 * random.NextDouble() - 1);
        }
        return vector;
    }
}
