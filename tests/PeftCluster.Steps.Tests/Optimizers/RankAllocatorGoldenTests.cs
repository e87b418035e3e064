using System.Text.Json;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Tests;

namespace PeftCluster.Steps.Tests.Optimizers;

/// <summary>
/// Twelve steps of PEFT's RankAllocator on the golden adapter: importances, scores, budgets, which ranks go, and E. Tolerance: 1e-5 of a tensor's largest magnitude; budgets and ranks are equal.
/// </summary>
public sealed class RankAllocatorGoldenTests
{
    private const int Steps = 12;

    private readonly GoldenTensors _expected = GoldenTensors.Load(GoldenFolder.Of("extra", "llama", "adalora", "expected.safetensors"));
    private readonly VectorLayout _layout;
    private readonly RankAllocation _allocation;
    private readonly float[] _adapter;

    public RankAllocatorGoldenTests()
    {
        var file = GoldenTensors.Load(GoldenFolder.Of("extra", "llama", "adalora", "adapter_model.safetensors"));
        string[] keys = [.. file.Names];
        _layout = VectorLayout.Of(keys.Select(key => (key, file.Shape(key), new ParameterGroup())));
        using var config = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.Of("extra", "llama", "adalora", "adapter_config.json")));
        int Number(string key) => config.RootElement.GetProperty(key).GetInt32();
        int Slice(string e, string part) => Array.IndexOf(keys, e[..^1] + part);
        _allocation = new RankAllocation(
            [.. keys.Where(key => key.EndsWith("lora_E", StringComparison.Ordinal)).Select(key => new RankTriplet(Slice(key, "A"), Slice(key, "B"), Slice(key, "E")))],
            Number("target_r"), Number("tinit"), Number("tfinal"), Number("deltaT"), Number("total_step"), config.RootElement.GetProperty("beta1").GetDouble(), config.RootElement.GetProperty("beta2").GetDouble());
        _adapter = new float[_layout.Length];
        foreach (var slice in _layout.Slices)
            file.Floats(slice.Key).CopyTo(_layout.Of(_adapter, slice.Key));
    }

    [Fact]
    public void Twelve_steps_give_PEFTs_importances_scores_budgets_and_ranks()
    {
        var allocator = new RankAllocator(_layout, _allocation);
        using var told = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.Of("extra", "llama", "adalora", "steps.json")));
        var (ranks, prunings) = (allocator.Scores().Length, 0);
        for (var version = 1; version <= Steps; version++)
        {
            var gradient = Gradient(version);
            for (var i = 0; i < _adapter.Length; i++)
                _adapter[i] -= 0.01f * gradient[i];
            allocator.Follow(version, gradient, 1, _adapter);
            var step = told.RootElement[version - 1];
            Assert.Equal(step.GetProperty("budget").GetInt32(), RankBudget.At(_allocation, ranks, version));
            Compare(version, allocator);
            if (step.GetProperty("masked").GetBoolean())
            {
                Assert.Equal(Kept(step), allocator.Vectors[2].Values.ToArray().Select(pruned => pruned == 0));
                prunings++;
            }
        }
        Assert.True(prunings > 3);
    }

    [Theory]
    [InlineData(1018, 18, 0, 5, 2, 233)] // a cube of two roundings gives 234
    [InlineData(82, 18, 0, 2, 1, 26)]
    [InlineData(45, 18, 0, 3, 2, 19)]
    [InlineData(600, 60, 3, 33, 13, 220)]
    public void A_budget_is_cut_as_Python_cuts_it(int initial, int target, int first, int last, int version, int budget) =>
        Assert.Equal(budget, RankBudget.At(new RankAllocation([default], target, first, 0, 1, last, 0.85, 0.85), initial, version));

    private void Compare(int version, RankAllocator allocator)
    {
        foreach (var slice in _layout.Slices)
        {
            Close($"seq.exp_avg_ipt.{slice.Key}", version, allocator.Vectors[0].Values.Span.Slice(slice.Offset, slice.Length));
            Close($"seq.exp_avg_unc.{slice.Key}", version, allocator.Vectors[1].Values.Span.Slice(slice.Offset, slice.Length));
        }
        var (scores, at) = (allocator.Scores(), 0);
        foreach (var triplet in _allocation.Triplets)
        {
            var e = _layout.Slices[triplet.E];
            Close($"seq.score.{e.Key}", version, scores.AsSpan(at, e.Length));
            Close($"seq.lora_E.{e.Key}", version, _layout.Of(_adapter, e.Key));
            at += e.Length;
        }
    }

    private void Close(string name, int version, ReadOnlySpan<float> actual)
    {
        var expected = _expected.Floats(name).AsSpan((version - 1) * actual.Length, actual.Length);
        var largest = expected.ToArray().Max(MathF.Abs);
        for (var i = 0; i < actual.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= 1e-5f * largest, $"{name} after step {version}, element {i}: {actual[i]}, not {expected[i]}");
    }

    private float[] Gradient(int version)
    {
        var gradient = new float[_layout.Length];
        foreach (var slice in _layout.Slices)
            _expected.Floats($"seq.grad.{slice.Key}").AsSpan((version - 1) * slice.Length, slice.Length).CopyTo(_layout.Of(gradient, slice.Key));
        return gradient;
    }

    private IEnumerable<bool> Kept(JsonElement step) => _allocation.Triplets.SelectMany(triplet =>
        step.GetProperty("rank_pattern").GetProperty(_layout.Slices[triplet.E].Key).EnumerateArray().Select(kept => kept.GetBoolean()));
}
