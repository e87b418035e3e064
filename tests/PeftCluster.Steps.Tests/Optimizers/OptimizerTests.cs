using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Tests.Optimizers;

/// <summary>What holds of every optimizer, whatever it computes.</summary>
public sealed class OptimizerTests
{
    public static TheoryData<OptimizerType> All => [.. Enum.GetValues<OptimizerType>()];

    [Theory, MemberData(nameof(All))]
    public void A_tensor_steps_alike_alone_and_among_others_and_padding_stays_zero(OptimizerType type)
    {
        var training = Training(type);
        var together = Layout(("a", [7]), ("b", [30, 11]), ("c", [2, 3, 5]));
        var (adapter, gradients) = (Values(together, 0), Enumerable.Range(1, 4).Select(step => Values(together, step)).ToArray());
        Run(together, training, adapter, gradients);
        foreach (var slice in together.Slices)
        {
            var alone = Layout((slice.Key, [.. slice.Shape]));
            var own = new float[alone.Length];
            Values(together, 0).AsSpan(slice.Offset, slice.Length).CopyTo(own);
            Run(alone, training, own, [.. gradients.Select(gradient => Part(alone, gradient, slice))]);
            Assert.True(own.AsSpan(0, slice.Length).SequenceEqual(adapter.AsSpan(slice.Offset, slice.Length)), slice.Key);
        }
        Assert.All(adapter[7..16], padding => Assert.Equal(0, padding));
    }

    [Theory, MemberData(nameof(All))]
    public void A_group_has_its_own_rate(OptimizerType type)
    {
        var layout = VectorLayout.Of([("a", [2, 8], new ParameterGroup()), ("b", [2, 8], new ParameterGroup(LearningRateFactor: 3))]);
        var training = Training(type) with { WeightDecay = 0 };
        float[] start = Values(layout, 0), gradient = Values(layout, 1);
        foreach (var vector in new[] { start, gradient })
            vector.AsSpan(0, 16).CopyTo(vector.AsSpan(16));
        var adapter = (float[])start.Clone();
        Run(layout, training, adapter, [gradient]);
        for (var i = 0; i < 16; i++)
            Assert.Equal(3, (adapter[16 + i] - start[16 + i]) / (adapter[i] - start[i]), tolerance: 2e-2);
    }

    [Theory, MemberData(nameof(All))]
    public void Another_vector_than_its_own_is_refused(OptimizerType type)
    {
        var layout = Layout(("a", [4, 5]));
        var optimizer = Optimizer.Of(layout, Training(type));
        Assert.Throws<ArgumentException>(() => optimizer.Apply(new StepScalars(1, 1, 1), new float[20], 1, new float[layout.Length]));
        Assert.Throws<InvalidDataException>(() => NamedVector.Restore([new("first_moment", new float[3]), new("second_moment", new float[3])], optimizer.Vectors));
    }

    [Fact]
    public void Adafactor_keeps_a_mean_for_each_row_and_column_of_a_matrix_and_for_each_element_of_a_vector()
    {
        var optimizer = Optimizer.Of(Layout(("a", [7]), ("b", [30, 11]), ("c", [2, 3, 5])), Training(OptimizerType.Adafactor));
        Assert.Equal(7 + (30 + 11) + 2 * (3 + 5), optimizer.Vectors[^1].Values.Length);
    }

    private static TrainingSpec Training(OptimizerType type) => new()
    {
        Optim = type,
        LearningRate = 1e-2,
        LrSchedulerType = LrSchedulerType.Constant,
        WeightDecay = 0.1,
        Sgd = new SgdSpec { Momentum = 0.9 },
        Adafactor = new AdafactorSpec { ScaleParameter = true, Beta1 = 0.9 },
    };

    private static void Run(VectorLayout layout, TrainingSpec training, float[] adapter, float[][] gradients)
    {
        var (optimizer, schedule) = (Optimizer.Of(layout, training), new LearningRateSchedule(training, 10));
        for (var step = 0; step < gradients.Length; step++)
            optimizer.Apply(StepScalars.Of(training, schedule, step), gradients[step], 0.7, adapter);
    }

    private static float[] Part(VectorLayout alone, float[] gradient, VectorSlice slice)
    {
        var part = new float[alone.Length];
        gradient.AsSpan(slice.Offset, slice.Length).CopyTo(part);
        return part;
    }

    private static VectorLayout Layout(params (string Key, long[] Shape)[] tensors) =>
        VectorLayout.Of(tensors.Select(tensor => (tensor.Key, (IReadOnlyList<long>)tensor.Shape, new ParameterGroup())));

    private static float[] Values(VectorLayout layout, int stream)
    {
        var random = new PhiloxStream(3, "values", (ulong)stream);
        var vector = new float[layout.Length];
        foreach (var slice in layout.Slices)
            for (var i = 0; i < slice.Length; i++)
                vector[slice.Offset + i] = (float)random.NextGaussian();
        return vector;
    }
}
