using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>
/// Golden cases whose encoder trains in the place of what the file holds. Unusual: in most cases param.NAME is the encoder after PEFT's four
/// steps, and the one before them is not told; what it gave is, and the last layer's bias gradient follows from that alone.
/// </summary>
public sealed class PromptEncoderGoldenTests
{
    public static TheoryData<string> Cases => [.. MethodGoldenTests.Cases.Select(row => row.Data).Where(IsEncoded)];

    /// <summary>Whether a case's encoder is trained.</summary>
    public static bool IsEncoded(string folder) => GoldenFiles.Has(folder, "param.prompt_encoder.embedding.weight");

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_encoder_gives_what_PEFT_writes_to_the_file(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder, encoder: true);
        var table = Table(golden);
        GoldenFiles.Close(IsStart(golden, table) ? golden.File["prompt_embeddings"] : golden.Expected["after.prompt_embeddings"], table, 1e-5, folder);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task What_the_file_holds_has_the_gradient_that_PEFT_gives_to_the_last_bias(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        golden.Step();
        var bias = golden.Expected.Keys.Where(key => key.StartsWith("grad.", StringComparison.Ordinal) && key.EndsWith(".bias", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!;
        GoldenFiles.Close(golden.Expected[bias], golden.Adapted.Vector["prompt_embeddings"].grad!.sum(dim: 0), 1e-4, bias);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Every_parameter_of_the_encoder_has_the_gradient_that_the_loss_shows(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder, encoder: true);
        golden.Step();
        var gradient = new float[golden.Plan.Layout.Length];
        golden.Adapted.Vector.CopyGradient(gradient);
        Assert.Equal(golden.Expected.Keys.Count(key => key.StartsWith("grad.", StringComparison.Ordinal)), golden.Plan.Layout.Slices.Count);
        foreach (var slice in golden.Plan.Layout.Slices)
        {
            // The loss along the slice's own gradient rises with the square of its length.
            var part = GoldenCase.Of(slice, gradient);
            var length = part.square().sum().sqrt().item<float>();
            Assert.True(length > 0, slice.Key);
            double At(double step)
            {
                var moved = golden.Adapter.ToArray();
                for (var index = slice.Offset; index < slice.Offset + slice.Length; index++)
                    moved[index] += (float)(step * gradient[index] / length);
                golden.Adapted.Vector.Load(moved);
                return golden.Step();
            }
            Assert.InRange((At(2e-3) - At(-2e-3)) / 4e-3 / length, 0.97, 1.03);
        }
        golden.Adapted.Vector.CheckViews();
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Gradients_and_four_AdamW_steps_agree_with_PEFT_where_the_encoders_start_is_told(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder, encoder: true);
        if (!IsStart(golden, Table(golden)))
        {
            // The case tells only where the four steps led.
            GoldenFiles.Close(golden.Expected["after.prompt_embeddings"], Table(golden), 1e-5, folder);
            return;
        }
        var adapter = golden.Adapter.ToArray();
        var (losses, gradient) = golden.Train(adapter);
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 1e-5, "losses");
        foreach (var slice in golden.Plan.Layout.Slices)
            GoldenFiles.Close(golden.Gradient(slice.Key), GoldenCase.Of(slice, gradient), 1e-4, slice.Key);
    });

    private static bool IsStart(GoldenCase golden, Tensor table) => (table - golden.File["prompt_embeddings"]).abs().max().item<float>() < 1e-3;

    private static Tensor Table(GoldenCase golden)
    {
        var exported = golden.Plan.Exported(golden.Adapter, default);
        return GoldenCase.Of(exported.Layout.Slices[0], exported.Vector.ToArray());
    }
}
