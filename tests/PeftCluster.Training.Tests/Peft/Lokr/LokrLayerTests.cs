using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Lokr;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lokr;

/// <summary>How LoKr cuts sizes and chooses which factors have a rank.</summary>
public sealed class LokrLayerTests
{
    [Theory]
    [InlineData(32, -1, 4, 8)]
    [InlineData(48, -1, 6, 8)]
    [InlineData(16, -1, 4, 4)]
    [InlineData(1024, -1, 32, 32)]
    [InlineData(3072, -1, 48, 64)]
    [InlineData(13, -1, 1, 13)]
    [InlineData(48, 4, 4, 12)]
    [InlineData(48, 16, 16, 3)] // A factor that divides stays first, though it is the larger one.
    [InlineData(48, 5, 4, 12)]
    public void A_size_is_cut_as_LyCORIS_cuts_it(long size, int factor, long small, long large) => Assert.Equal(new Factors(small, large), Factors.Of(size, factor));

    [Theory]
    [InlineData(1, false, "lokr_w1 lokr_w2_a lokr_w2_b")]
    [InlineData(1, true, "lokr_w1_a lokr_w1_b lokr_w2_a lokr_w2_b")]
    [InlineData(3, true, "lokr_w1 lokr_w2_a lokr_w2_b")]
    [InlineData(4, true, "lokr_w1 lokr_w2")]
    public void A_factor_has_a_rank_where_that_makes_it_smaller(int rank, bool both, string parts) => Assert.Equal(
        parts, string.Join(' ', LokrLayer.Of(new LinearShape("q", 48, 32), new LokrSpec { R = rank, DecomposeBoth = both }).Tensors.Select(tensor => tensor.Part)));

    // A classifier's pooler reads one place of each row.
    [Theory]
    [InlineData("5 48")]
    [InlineData("2 3 48")]
    public Task The_change_is_applied_to_inputs_of_any_shape(string shape) => OnDevice.Run(() =>
    {
        var layer = LokrLayer.Of(new LinearShape("q", 48, 32), new LokrSpec { R = 1, Alpha = 3 });
        var generator = new Generator(3);
        var tensors = layer.Tensors.ToDictionary(part => part.Part, part => randn([.. part.Shape], generator: generator));
        var x = randn([.. shape.Split(' ').Select(long.Parse)], generator: generator);
        var expected = nn.functional.linear(x, layer.Change(part => tensors[part], _ => throw new InvalidOperationException()));
        GoldenFiles.Close(expected, layer.Apply(x, part => tensors[part], _ => throw new InvalidOperationException()), 1e-5, "change");
    });
}
