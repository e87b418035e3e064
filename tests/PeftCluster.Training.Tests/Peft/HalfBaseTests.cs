using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>A base that is stored in bfloat16, widened and as it is, against PEFT's numbers for both.</summary>
public sealed class HalfBaseTests
{
    private static string Folder => GoldenFolder.Of("extra", "llama-bf16", "bf16-base");

    [Fact]
    public Task Widened_it_gives_what_PEFT_gives_for_the_same_weights_in_float32() => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(Folder, change: Rounded);
        Check(golden, "float32_", 1e-5, 1e-5, 1e-4);
    });

    [Fact]
    public Task As_it_is_stored_it_gives_what_PEFT_gives_in_bfloat16() => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(Folder, dtype: BaseDtype.Stored, change: Rounded);
        Assert.Equal(ScalarType.BFloat16, golden.Weights.Store["model.norm.weight"].dtype);
        Assert.Equal(2 * golden.Weights.Config.Parameters, golden.Weights.Store.Bytes);
        Check(golden, "", 3e-2, 5e-4, 6e-2);
        var (losses, _) = golden.Train([.. golden.Adapter]);
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 5e-3, "losses");
    });

    [Fact]
    public Task A_float32_base_in_bfloat16_is_near_itself_for_IA3_too_and_answers_through_the_cache() => OnDevice.Run(() =>
    {
        var folder = GoldenFolder.Of("models", "llama", "ia3");
        using var golden = new GoldenCase(folder, dtype: BaseDtype.Bfloat16);
        Check(golden, "", 5e-2, 1e-2, 0.2);
        using var noGradient = no_grad();
        var model = (Decoder)golden.Adapted.Model;
        var ids = tensor(golden.Batch.Prompts[0].Select(id => (long)id).ToArray()).unsqueeze(0);
        var length = ids.shape[1];
        var cache = model.NewCache(1, (int)length);
        model.Hidden(ids.narrow(1, 0, length - 1), cache);
        var extended = model.Extend(ids.narrow(1, length - 1, 1), cache, [length - 1]).to(ScalarType.Float32);
        GoldenFiles.Close(model.Hidden(ids).narrow(1, length - 1, 1).to(ScalarType.Float32), extended, 3e-2, "extended");
    });

    // The golden base was made by to(bfloat16), which rounds the rotary frequencies too. One that transformers loads in bfloat16 keeps them,
    // and so does ours.
    private static ModelConfig Rounded(ModelConfig config) => (DecoderConfig)config with { Rope = new RoundedRope(((DecoderConfig)config).Rope!) };

    private sealed record RoundedRope(Rope Plain) : Rope(Plain.Theta, Plain.Size)
    {
        public override double[] Frequencies(long length) =>
            [.. Plain.Frequencies(length).Select(frequency => (double)tensor((float)frequency).to(ScalarType.BFloat16).to(ScalarType.Float32).item<float>())];
    }

    private static void Check(GoldenCase golden, string prefix, double logits, double loss, double gradients)
    {
        GoldenFiles.Close(golden.Expected[$"{prefix}logits"] * golden.Batch.Seen, golden.Batch.Logits(golden.Adapted.Model) * golden.Batch.Seen, logits, "logits");
        GoldenFiles.Close(golden.Expected[$"{prefix}loss"], tensor(new[] { (float)golden.Step() }), loss, "loss");
        var gradient = new float[golden.Plan.Layout.Length];
        golden.Adapted.Vector.CopyGradient(gradient);
        foreach (var slice in golden.Plan.Layout.Slices)
            GoldenFiles.Close(golden.Expected[$"{prefix}grad.{slice.Key}"], GoldenCase.Of(slice, gradient), gradients, slice.Key);
    }
}
