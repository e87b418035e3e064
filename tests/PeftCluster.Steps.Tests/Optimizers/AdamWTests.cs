using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Tests.Optimizers;

public sealed class AdamWTests
{
    private static readonly TrainingSpec Training = new() { LearningRate = 1e-2, WeightDecay = 0.1 };

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.3)]
    [InlineData(0)]
    public void Every_element_has_the_bits_of_the_formula_whatever_its_place_and_thread(double beta1)
    {
        var training = Training with { AdamBeta1 = beta1 };
        var layout = Layout([13, 200_001, 7]);
        var optimizer = new AdamW(layout, training);
        var (adapter, expected) = (Values(layout, 0), Values(layout, 0));
        var (m, v) = (new float[layout.Length], new float[layout.Length]);
        for (var step = 0; step < 3; step++)
        {
            var gradient = Values(layout, 1 + step);
            var scalars = Scalars(training, step);
            optimizer.Apply(scalars, gradient, 0.7, adapter);
            for (var i = 0; i < layout.Length; i++)
                (expected[i], m[i], v[i]) = Formula(training, scalars, 0.7f, gradient[i], expected[i], m[i], v[i]);
        }
        Assert.Equal(Bits(expected), Bits(adapter));
        Assert.Equal(Bits(m), Bits(optimizer.Vectors[0].Values.Span));
        Assert.Equal(Bits(v), Bits(optimizer.Vectors[1].Values.Span));
    }

    [Fact]
    public void Padding_stays_zero()
    {
        var layout = Layout([3, 5]);
        var (gradient, adapter) = (new float[layout.Length], new float[layout.Length]);
        Array.Fill(gradient, 1);
        new AdamW(layout, Training).Apply(Scalars(Training, 0), gradient, 1, adapter);
        Assert.Equal(8, adapter.Count(value => value != 0));
        Assert.All(adapter[3..16], value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_group_has_its_own_rate_and_may_do_without_decay()
    {
        var layout = VectorLayout.Of([("a", [1], new ParameterGroup()), ("b", [1], new ParameterGroup(LearningRateFactor: 4, WeightDecays: false))]);
        float[] adapter = new float[32], gradient = new float[32];
        (adapter[0], adapter[16]) = (1, 1);
        (gradient[0], gradient[16]) = (1, 1);
        new AdamW(layout, Training).Apply(Scalars(Training with { LrSchedulerType = LrSchedulerType.Constant }, 0), gradient, 1, adapter);
        Assert.Equal(1 - 1e-2 * 0.1 - 1e-2, adapter[0], tolerance: 1e-6);
        Assert.Equal(1 - 4e-2, adapter[16], tolerance: 1e-6);
    }

    [Fact]
    public void Restored_moments_go_on_as_if_never_interrupted()
    {
        var layout = Layout([40]);
        var (one, adapter) = (new AdamW(layout, Training), Values(layout, 0));
        one.Apply(Scalars(Training, 0), Values(layout, 1), 1, adapter);
        var (two, copy) = (new AdamW(layout, Training), (float[])adapter.Clone());
        NamedVector.Restore(one.Vectors, two.Vectors);
        one.Apply(Scalars(Training, 1), Values(layout, 2), 1, adapter);
        two.Apply(Scalars(Training, 1), Values(layout, 2), 1, copy);
        Assert.Equal(Bits(adapter), Bits(copy));
    }

    [Fact]
    public void A_vector_of_another_layout_is_refused()
    {
        var optimizer = new AdamW(Layout([5]), Training);
        Assert.Throws<ArgumentException>(() => optimizer.Apply(Scalars(Training, 0), new float[5], 1, new float[16]));
        Assert.Throws<InvalidDataException>(() => NamedVector.Restore([new("first_moment", new float[16]), new("second_moment", new float[32])], optimizer.Vectors));
    }

    [Theory]
    [InlineData(0.5, 1, 1)]
    [InlineData(2, 1, 1 / 2.000001)]
    [InlineData(2, 0, 1)]
    [InlineData(0, 1, 1)]
    public void Clipping_shortens_long_gradients_only(double norm, double limit, double expected) =>
        Assert.Equal(expected, GradientClipping.Factor(norm, limit), tolerance: 1e-12);

    private static (float P, float M, float V) Formula(TrainingSpec t, StepScalars s, float clip, float g, float p, float m, float v)
    {
        g *= clip;
        p *= (float)(1 - s.LearningRate * t.WeightDecay);
        var weight = (float)(1 - t.AdamBeta1);
        m = weight < 0.5f ? m + (g - m) * weight : g - (g - m) * (1 - weight);
        v = v * (float)t.AdamBeta2 + (float)(1 - t.AdamBeta2) * g * g;
        var denominator = MathF.Sqrt(v) / (float)Math.Sqrt(s.BiasCorrection2) + (float)t.AdamEpsilon;
        p += (float)-(s.LearningRate / s.BiasCorrection1) * m / denominator;
        return (p, m, v);
    }

    private static StepScalars Scalars(TrainingSpec training, int step) => StepScalars.Of(training, new LearningRateSchedule(training, 10), step);

    private static VectorLayout Layout(int[] lengths) =>
        VectorLayout.Of(lengths.Select((length, i) => ($"slice.{i}", (IReadOnlyList<long>)[length], new ParameterGroup())));

    private static float[] Values(VectorLayout layout, int number)
    {
        var random = new PhiloxStream(number, "values");
        var vector = new float[layout.Length];
        foreach (var slice in layout.Slices)
            foreach (ref var value in vector.AsSpan(slice.Offset, slice.Length))
                value = (float)random.NextGaussian();
        return vector;
    }

    private static int[] Bits(ReadOnlySpan<float> values) => System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(values).ToArray();
}
