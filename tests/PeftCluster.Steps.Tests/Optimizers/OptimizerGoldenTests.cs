using System.Globalization;
using System.Text.Json;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Schedules;
using PeftCluster.Tests;

namespace PeftCluster.Steps.Tests.Optimizers;

/// <summary>
/// Steps and clipping against PyTorch's and transformers', for every golden case. Tolerance: 1e-5 of the tensor's largest magnitude.
/// </summary>
public sealed class OptimizerGoldenTests
{
    private const double Tolerance = 1e-5;

    private readonly GoldenTensors _golden = GoldenTensors.Load(GoldenFolder.Of("extra", "optimizers", "expected.safetensors"));
    private readonly string[] _names;
    private readonly VectorLayout _layout;

    public OptimizerGoldenTests()
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
            Compare(golden.Name, Training(golden.Value.GetProperty("type").GetString()!, golden.Value.GetProperty("defaults")));
            compared++;
        }
        Assert.Equal(9, compared);
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

    private static TrainingSpec Training(string type, JsonElement given)
    {
        double Number(string key) => given.GetProperty(key).GetDouble();
        bool Flag(string key) => given.GetProperty(key).GetBoolean();
        var training = new TrainingSpec
        {
            LearningRate = given.GetProperty("lr") is { ValueKind: JsonValueKind.Number } rate ? rate.GetDouble() : 1,
            LrSchedulerType = LrSchedulerType.Constant,
            WeightDecay = Number("weight_decay"),
        };
        return type switch
        {
            "torch.optim.adamw.AdamW" => training with
            {
                AdamBeta1 = given.GetProperty("betas")[0].GetDouble(),
                AdamBeta2 = given.GetProperty("betas")[1].GetDouble(),
                AdamEpsilon = Number("eps"),
            },
            "torch.optim.sgd.SGD" => training with { Optim = OptimizerType.Sgd, Sgd = new() { Momentum = Number("momentum"), Nesterov = Flag("nesterov") } },
            "transformers.optimization.Adafactor" => training with
            {
                Optim = OptimizerType.Adafactor,
                Adafactor = new()
                {
                    ScaleParameter = Flag("scale_parameter"),
                    RelativeStep = Flag("relative_step"),
                    WarmupInit = Flag("warmup_init"),
                    ClipThreshold = Number("clip_threshold"),
                    DecayRate = Number("decay_rate"),
                    Beta1 = given.GetProperty("beta1") is { ValueKind: JsonValueKind.Number } beta1 ? beta1.GetDouble() : null,
                    Epsilon1 = given.GetProperty("eps")[0].GetDouble(),
                    Epsilon2 = given.GetProperty("eps")[1].GetDouble(),
                },
            },
            _ => throw new InvalidDataException(type),
        };
    }

    private void Compare(string name, TrainingSpec training)
    {
        var optimizer = Optimizer.Of(_layout, training);
        var schedule = new LearningRateSchedule(training, 10);
        var adapter = Vector("start", null);
        var steps = (int)_golden.Shape($"grad.{_names[0]}")[0];
        for (var step = 0; step < steps; step++)
        {
            // As after a pause at every step.
            var restored = Optimizer.Of(_layout, training);
            NamedVector.Restore(optimizer.Vectors, restored.Vectors);
            optimizer = restored;
            optimizer.Apply(StepScalars.Of(training, schedule, step), Vector("grad", step), 1, adapter);
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
