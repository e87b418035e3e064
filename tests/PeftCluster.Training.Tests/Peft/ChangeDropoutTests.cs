using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Loha;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>Rows and layers of changes that take no part in a micro-batch, as in PEFT's LoHa and LoKr.</summary>
public sealed class ChangeDropoutTests
{
    private static readonly MicroBatch Batch = new(2, [7, 9], 16, 4, 30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Dropped_outputs_keep_the_bases_number_and_the_others_grow_if_asked(bool rescales) => OnDevice.Run(() =>
    {
        var (layer, vector) = Layer();
        using var _ = vector;
        var dropout = new AdapterDropout(0, 5);
        var adapted = new ChangeLinear(Plain(), layer, vector, (dropout, new ChangeDropout(0.4, rescales, 0)), 3);
        var x = ones(2, 5, 8);
        var (own, whole) = (Plain().Forward(x), adapted.Forward(x));
        dropout.Begin(4, Batch);
        var part = adapted.Forward(x);
        dropout.End();
        Assert.Equal(whole.data<float>().ToArray(), adapted.Forward(x).data<float>().ToArray());
        var kept = (part - own).abs().sum(0L, 1L).ne(0).to(ScalarType.Float32);
        var stay = kept.sum().item<float>();
        Assert.InRange(stay, 0.4 * 400, 0.8 * 400);
        GoldenFiles.Close(own + (whole - own) * kept * (rescales ? 400 / stay : 1), part, 1e-5, "outputs");
    });

    [Fact]
    public Task A_dropped_layer_gives_the_bases_output_about_as_often_as_asked() => OnDevice.Run(() =>
    {
        var (layer, vector) = Layer();
        using var _ = vector;
        var dropout = new AdapterDropout(0, 5);
        var adapted = new ChangeLinear(Plain(), layer, vector, (dropout, new ChangeDropout(0, false, 0.25)), 0);
        var x = ones(2, 5, 8);
        var own = Plain().Forward(x).data<float>().ToArray();
        var dropped = 0;
        for (var step = 0; step < 200; step++)
        {
            dropout.Begin(step, Batch);
            dropped += adapted.Forward(x).data<float>().ToArray().SequenceEqual(own) ? 1 : 0;
        }
        Assert.InRange(dropped, 30, 70);
    });

    [Fact]
    public void What_is_dropped_depends_on_step_shard_and_site_and_on_no_worker()
    {
        static string Drawn(int step, int shard, int site, long seed)
        {
            var dropout = new AdapterDropout(0, seed);
            dropout.Begin(step, Batch with { Shard = shard });
            return string.Concat(Enumerable.Range(0, 40).Select(at => dropout.Drops(40 * site + at, 0.5) ? "x" : "-"));
        }
        Assert.Equal(Drawn(1, 2, 3, 4), Drawn(1, 2, 3, 4));
        Assert.Equal(5, new[] { Drawn(1, 2, 3, 4), Drawn(2, 2, 3, 4), Drawn(1, 3, 3, 4), Drawn(1, 2, 4, 4), Drawn(1, 2, 3, 5) }.Distinct().Count());
        Assert.False(new AdapterDropout(0, 4).Drops(0, 0.999));
    }

    private static Linear Plain() => new(ones(400, 8), null);

    private static (LohaLayer Layer, TrainedVector Vector) Layer()
    {
        var layer = new LohaLayer(new LinearShape("part", 8, 400), 2, 1);
        var vector = new TrainedVector(PeftCluster.Steps.Layout.VectorLayout.Of(layer.Tensors.Select(part => (layer.Key(part.Part), part.Shape, new PeftCluster.Steps.Layout.ParameterGroup()))));
        vector.Load(Enumerable.Range(0, vector.Layout.Length).Select(at => 1 + at % 7 * 0.1f).ToArray());
        return (layer, vector);
    }
}
