using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Combining;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Combining;

/// <summary>PEFT's svd_clamp, from its formula: quantile(cat(U S, Vᵀ), q) bounds both factors. Which way a direction points is left open, so there is no golden case.</summary>
public sealed class SvdClampTests
{
    [Theory]
    [InlineData("svd", 0.9)]
    [InlineData("svd", 1)]
    [InlineData("magnitude_prune_svd", 0.75)]
    public Task Factors_are_cut_at_the_quantile_of_their_own_numbers(string type, double share) => OnDevice.Run(() =>
    {
        var (free, bounded) = (Of(type, null), Of(type, share));

        foreach (var module in free.Combination.Modules)
        {
            var (a, b) = (free[module, "A"], free[module, "B"]);
            var bound = cat([b.flatten(), a.flatten()]).quantile(tensor((float)share)).item<float>();
            GoldenFiles.Close(a.clamp(-bound, bound), bounded[module, "A"], 1e-6, $"{module} A");
            GoldenFiles.Close(b.clamp(-bound, bound), bounded[module, "B"], 1e-6, $"{module} B");
            Assert.True(share == 1 || cat([a.flatten(), b.flatten()]).abs().max().item<float>() > 1.01f * bound);
        }
    });

    private static Factors Of(string type, double? clamp)
    {
        var spec = new CombinationSpec(CombinationType.Of(type)!, [0.7, 0.3], type == "svd" ? null : 0.6, Clamp: clamp);
        var combination = new LoraCombination(spec, [.. new[] { "a", "b" }.Select(name => AdapterFolder.Open(GoldenFolder.Of("extra", "llama", "combine", name), _ => { }))]);
        return new Factors(combination, combination.Compute((_, _, _, _) => throw new InvalidOperationException("nothing is drawn"), TestContext.Current.CancellationToken));
    }

    private sealed record Factors(LoraCombination Combination, float[] Vector)
    {
        public Tensor this[string module, string factor] => GoldenCase.Of(Combination.Layout[$"base_model.model.{module}.lora_{factor}.weight"], Vector);
    }
}
