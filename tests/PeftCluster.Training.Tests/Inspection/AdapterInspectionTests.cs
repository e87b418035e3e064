using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Inspection;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Inspection;

/// <summary>What is said of PEFT's own adapters, of every method, without their models.</summary>
public sealed class AdapterInspectionTests
{
    /// <summary>Every golden adapter.</summary>
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_trained_numbers_are_those_that_the_model_would_get(string golden) => OnDevice.Run(() =>
    {
        var facts = AdapterInspection.Of(golden, _ => { }, TestContext.Current.CancellationToken);

        var plan = AdapterPlan.Of(AdapterFolder.Open(golden, _ => { }).Method, ModelConfigFile.Load(Path.Combine(Path.GetDirectoryName(golden)!, "model")));
        Assert.Equal(plan.Layout.Parameters, facts.Trained);
        Assert.Empty(facts.Warnings);
        Assert.Matches("^(Hugging Face PEFT|AdapterHub adapters) ", facts.MadeBy);
        Assert.All(facts.Tensors, tensor => Assert.InRange(tensor.Largest, 1e-9, tensor.Norm * 1.000001));
    });

    [Fact]
    public Task The_change_of_LoRA_is_scale_times_B_times_A() => OnDevice.Run(() =>
    {
        var folder = GoldenFolder.Of("extra", "llama", "combine", "a");
        var file = GoldenFiles.Read(folder, "adapter_model.safetensors");

        var changes = AdapterInspection.Of(folder, _ => { }, TestContext.Current.CancellationToken).Changes;

        Assert.Equal(file.Count / 2, changes.Count);
        foreach (var change in changes)
        {
            Assert.Equal((4, 2), (change.Rank, change.Scale));
            var expected = 2 * file[$"base_model.model.{change.Module}.lora_B.weight"].mm(file[$"base_model.model.{change.Module}.lora_A.weight"]);
            Assert.Equal(expected.norm().item<float>(), change.Norm, 1e-4 * change.Norm);
            Assert.Equal(expected.abs().max().item<float>(), change.Largest, 1e-5 * change.Largest);
        }
    });

    [Fact]
    public Task Other_factors_of_the_same_change_differ_as_tensors_only() => OnDevice.Run(() =>
    {
        var golden = GoldenFolder.Of("extra", "llama", "pissa");
        // PiSSA's adapter and its conversion have other ranks; a and b other factors.
        var ranks = AdapterComparison.Of(golden, Path.Combine(golden, "converted"), _ => { }, TestContext.Current.CancellationToken);
        var same = AdapterComparison.Of(golden, golden, _ => { }, TestContext.Current.CancellationToken);

        Assert.False(ranks.Same);
        Assert.NotEmpty(ranks.OtherShapes);
        Assert.Contains(ranks.Config, field => field.Key == "r");
        Assert.True(same is { Same: true, SameBits: true, Config: [], Changes: [] });
    });

    [Theory]
    [InlineData(new[] { 3f, 4f }, 5, 4, 0)]
    [InlineData(new[] { 0f, 0f }, 0, 0, 0)]
    [InlineData(new[] { 3f, float.NaN }, double.NaN, double.NaN, 1)]
    [InlineData(new[] { 3f, float.NegativeInfinity }, double.NaN, double.PositiveInfinity, 1)]
    public void A_magnitude_never_hides_what_is_no_number(float[] numbers, double norm, double largest, long notFinite) =>
        Assert.Equal(new Magnitude(norm, largest, notFinite), Magnitude.Of(numbers));

    [Theory]
    [InlineData(new[] { 3f, 4f }, new[] { 3f, 4f }, 0, 0, 1)]
    [InlineData(new[] { 3f, 0f }, new[] { 0f, 4f }, 4, 1.25, 0)]
    [InlineData(new[] { 3f, 4f }, new[] { -3f, -4f }, 8, 2, -1)]
    [InlineData(new[] { 0f, 0f }, new[] { 3f, 4f }, 4, 1, double.NaN)]
    [InlineData(new[] { float.NaN, 4f }, new[] { 3f, 4f }, double.NaN, double.NaN, double.NaN)]
    public void A_distance_is_relative_to_the_larger_one(float[] first, float[] second, double largest, double relative, double cosine) =>
        Assert.Equal(new Distance(largest, relative, cosine), Distance.Between(first, second));
}
