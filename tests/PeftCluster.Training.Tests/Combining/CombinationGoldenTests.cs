using System.Text.Json;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Combining;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Combining;

/// <summary>Combined adapters against what PEFT's add_weighted_adapter made of the same ones, with the masks that it drew.</summary>
public sealed class CombinationGoldenTests
{
    private static readonly string Golden = GoldenFolder.Of("extra", "llama", "combine");

    /// <summary>The calls in combine.json.</summary>
    public static TheoryData<string> Calls => [.. All().RootElement.EnumerateObject().Select(call => call.Name)];

    [Fact]
    public void Every_kind_is_among_them() => Assert.Superset(
        new HashSet<string> { "linear", "linear_negative", "cat", "svd", "ties", "ties_frequency", "magnitude_prune", "dare_linear", "dare_ties", "ties_svd", "magnitude_prune_svd" },
        Calls.Select(row => row.Data).ToHashSet());

    [Theory]
    [MemberData(nameof(Calls))]
    public Task Factors_change_and_logits_are_PEFTs(string name) => OnDevice.Run(() =>
    {
        var call = All().RootElement.GetProperty(name);
        var expected = GoldenFiles.Read(Golden, "expected.safetensors");
        string[] adapters = [.. call.GetProperty("adapters").EnumerateArray().Select(adapter => adapter.GetString()!)];
        var spec = SpecOf(call);
        var combination = new LoraCombination(spec, [.. adapters.Select(adapter => AdapterFolder.Open(Path.Combine(Golden, adapter), _ => { }))]);

        var vector = combination.Compute(
            (_, module, ofB, adapter) => expected[$"{name}/base_model.model.{module}.mask_{(ofB ? "B" : "A")}.{adapters[adapter]}"], TestContext.Current.CancellationToken);

        Assert.Equal((call.GetProperty("r").GetInt32(), call.GetProperty("lora_alpha").GetDouble()), (combination.Method.R, combination.Method.LoraAlpha));
        Assert.Equal(
            expected.Keys.Where(key => key.StartsWith($"{name}/", StringComparison.Ordinal) && key.EndsWith(".weight", StringComparison.Ordinal)).Select(key => key[(name.Length + 1)..]).Order(StringComparer.Ordinal),
            combination.Layout.Slices.Select(slice => slice.Key).Order(StringComparer.Ordinal));
        foreach (var module in combination.Modules)
        {
            var (a, b) = (Of($"base_model.model.{module}.lora_A.weight"), Of($"base_model.model.{module}.lora_B.weight"));
            // A direction of an SVD may point either way; the product may not.
            if (!spec.Type.OfProduct)
            {
                GoldenFiles.Close(expected[$"{name}/base_model.model.{module}.lora_A.weight"], a, 1e-5, $"{module} A");
                GoldenFiles.Close(expected[$"{name}/base_model.model.{module}.lora_B.weight"], b, 1e-5, $"{module} B");
            }
            GoldenFiles.Close(expected[$"{name}/base_model.model.{module}.delta"], b.mm(a), 1e-5, module);
        }
        var (logits, seen) = Logits(combination, vector);
        GoldenFiles.Close(expected[$"{name}/logits"] * seen, logits * seen, 1e-5, "logits");

        Tensor Of(string key) => GoldenCase.Of(combination.Layout[key], vector);
    });

    private static (Tensor Logits, Tensor Seen) Logits(LoraCombination combination, float[] vector)
    {
        var model = Path.Combine(Golden, "..");
        using var weights = SharedWeights.Of(Path.Combine(model, "model"), TestContext.Current.CancellationToken);
        var plan = AdapterPlan.Of(combination.Method, weights.Config);
        using var adapted = new AdaptedModel(weights.Config, name => weights.Store[name], plan);
        var laid = new float[plan.Layout.Length];
        foreach (var slice in plan.Layout.Slices)
            combination.Layout.Of(vector, slice.Key).CopyTo(plan.Layout.Of(laid, slice.Key));
        adapted.Vector.Load(laid);
        var batch = new GoldenBatch(GoldenFiles.Read(model, "expected.safetensors"), weights.Config);
        return (batch.Logits(adapted.Model), batch.Seen);
    }

    private static CombinationSpec SpecOf(JsonElement call) => new(
        CombinationType.Of(call.GetProperty("combination_type").GetString()!)!, [.. call.GetProperty("weights").EnumerateArray().Select(weight => weight.GetDouble())],
        call.TryGetProperty("density", out var density) ? density.GetDouble() : null,
        call.TryGetProperty("majority_sign_method", out var majority) ? majority.GetString() == "frequency" : null,
        call.TryGetProperty("svd_rank", out var rank) ? rank.GetInt32() : null);

    private static JsonDocument All() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Golden, "combine.json")));
}
