using System.Globalization;
using System.Text.Json;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Reduction;
using PeftCluster.Tests;

namespace PeftCluster.Steps.Tests.Optimizers;

/// <summary>
/// Steps and clipping against PyTorch's, for every golden case that is AdamW's. Tolerance: 1e-5 of the tensor's largest
/// magnitude.
/// </summary>
public sealed class AdamWGoldenTests
{
    private const double Tolerance = 1e-5;

    private readonly GoldenTensors _golden = GoldenTensors.Load(GoldenFolder.Of("extra", "optimizers", "expected.safetensors"));
    private readonly string[] _names;
    private readonly VectorLayout _layout;

    public AdamWGoldenTests()
    {
        _names = [.. _golden.Names.Where(name => name.StartsWith("start.", StringComparison.Ordinal)).Select(name => name["start.".Length..])];
        _layout = VectorLayout.Of(_names.Select(name => (name, _golden.Shape($"start.{name}"), new ParameterGroup())));
    }

    [Fact]
    public void Parameters_after_each_step_are_those_of_pytorch()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.Of("extra", "optimizers", "optimizers.json")));
        var compared = 0;
        foreach (var golden in cases.RootElement.EnumerateObject())
        {
            if (golden.Value.GetProperty("type").GetString() != "torch.optim.adamw.AdamW")
                continue;
            Compare(golden.Name, golden.Value.GetProperty("defaults"));
            compared++;
        }
        Assert.True(compared >= 2, $"{compared} cases");
    }

    [Fact]
    public void Clipped_gradients_and_their_norms_are_those_of_pytorch()
    {
        string[] limits = [.. _golden.Names.Where(name => name.StartsWith("clip-", StringComparison.Ordinal) && name.EndsWith(".norm", StringComparison.Ordinal)).Select(name => name["clip-".Length..^".norm".Length])];
        Assert.NotEmpty(limits);
        foreach (var limit in limits)
        {
            var norms = _golden.Floats($"clip-{limit}.norm");
            for (var step = 0; step < norms.Length; step++)
            {
                var gradient = Vector("grad", step);
                var norm = Math.Sqrt(BlockSum.SumOfSquares(_layout, gradient));
                Assert.Equal(norms[step], norm, tolerance: Tolerance * norms[step]);
                var factor = (float)GradientClipping.Factor(norm, double.Parse(limit, CultureInfo.InvariantCulture));
                AssertClose($"clip-{limit}", step, [.. gradient.Select(g => g * factor)]);
            }
        }
    }

    private void Compare(string name, JsonElement arguments)
    {
        var training = new TrainingSpec
        {
            WeightDecay = arguments.GetProperty("weight_decay").GetDouble(),
            AdamBeta1 = arguments.GetProperty("betas")[0].GetDouble(),
            AdamBeta2 = arguments.GetProperty("betas")[1].GetDouble(),
            AdamEpsilon = arguments.GetProperty("eps").GetDouble(),
        };
        var optimizer = new AdamW(_layout, training);
        var adapter = Vector("start", null);
        var steps = _golden.Shape($"grad.{_names[0]}")[0];
        for (var step = 0; step < steps; step++)
        {
            var scalars = new StepScalars(arguments.GetProperty("lr").GetDouble(),
                1 - Math.Pow(training.AdamBeta1, step + 1), 1 - Math.Pow(training.AdamBeta2, step + 1));
            optimizer.Apply(scalars, Vector("grad", step), 1, adapter);
            AssertClose(name, step, adapter);
        }
    }

    private float[] Vector(string prefix, int? step)
    {
        var vector = new float[_layout.Length];
        foreach (var slice in _layout.Slices)
            Part($"{prefix}.{slice.Key}", step, slice).CopyTo(vector.AsSpan(slice.Offset));
        return vector;
    }

    private ReadOnlySpan<float> Part(string name, int? step, VectorSlice slice) =>
        _golden.Floats(name).AsSpan((step ?? 0) * slice.Length, slice.Length);

    private void AssertClose(string name, int step, float[] vector)
    {
        foreach (var slice in _layout.Slices)
        {
            var expected = Part($"{name}.{slice.Key}", step, slice);
            var largest = 0f;
            foreach (var value in expected)
                largest = Math.Max(largest, Math.Abs(value));
            for (var i = 0; i < slice.Length; i++)
                Assert.True(Math.Abs(expected[i] - vector[slice.Offset + i]) <= Tolerance * largest,
                    $"{name} step {step} {slice.Key}[{i}]: {vector[slice.Offset + i]:R}, PyTorch has {expected[i]:R}");
        }
    }
}
