using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Logits, loss and greedy ids of every golden model of a known family; every other family is refused with its line.</summary>
public sealed class ModelGoldenTests
{
    public static TheoryData<string> Known => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).Where(folder => GoldenFiles.Has(folder, "logits"))];

    public static TheoryData<string> Generated => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).Where(folder => GoldenFiles.Has(folder, "greedy"))];

    public static TheoryData<string> Writing => [.. Known.Select(row => row.Data).Where(folder => ModelConfigFile.Load(Path.Combine(folder, "model")).Task != PeftTask.Classification)];

    [Theory]
    [MemberData(nameof(Known))]
    public Task Logits_and_loss_agree_with_transformers(string folder) => OnDevice.Run(() =>
    {
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var model = weights.Config.Build(name => weights.Store[name]);
        var batch = new GoldenBatch(expected, weights.Config);
        GoldenFiles.Close(expected["logits"] * batch.Seen, batch.Logits(model) * batch.Seen, 1e-5, folder);
        var (states, places, head) = batch.Labelled(model);
        var losses = HeadLoss.Of(states, head, places.Targets());
        GoldenFiles.Close(expected["loss"], tensor(new[] { (float)(places.SumRows(losses).Sum() / places.Count) }), 1e-5, folder);
        Assert.Empty(weights.Store.Unexpected);
        Assert.Equal(weights.Config.Weights.Keys.Sum(name => weights.Store[name].numel()), weights.Config.Parameters);
    });

    [Theory]
    [MemberData(nameof(Generated))]
    public Task Greedy_ids_through_the_cache_agree_with_transformers(string folder) => OnDevice.Run(() =>
    {
        using var noGradient = no_grad();
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var prompt = new GoldenBatch(expected, weights.Config).Prompts[0];
        var wanted = expected["greedy"].data<long>().ToArray();
        // A second, shorter row lies beside the first, so that padding in the cache is met.
        var rows = NeverEnding.Begin(weights, folder, prompt, prompt[..^3]);
        var (model, start) = (rows.Model, rows.Starts()[0]);
        long[] places = [.. rows.Starts()];
        var cache = model.NewCache(2, Math.Max(rows.Length, wanted.Length));
        var hidden = model.Hidden(rows.Ids(), cache, rows.Lengths())[0][start - 1];
        for (var at = start; at < wanted.Length; at++)
        {
            var next = model.Logits(hidden).argmax().item<long>();
            Assert.Equal(wanted[at], next);
            hidden = model.Extend(tensor(new[] { next, 5 }).view(2, 1), cache, places)[0][0];
            places = [.. places.Select(place => place + 1)];
        }
    });

    [Theory]
    [MemberData(nameof(Generated))]
    public Task Greedy_ids_without_a_cache_agree_with_transformers(string folder) => OnDevice.Run(() =>
    {
        using var noGradient = no_grad();
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var rows = NeverEnding.Begin(weights, folder, new GoldenBatch(expected, weights.Config).Prompts[0]);
        var model = rows.Model;
        var wanted = expected["greedy"].data<long>().ToArray();
        for (var at = rows.Starts()[0]; at < wanted.Length; at++)
        {
            using var scope = NewDisposeScope();
            Assert.Equal(wanted[at], model.Logits(model.Hidden(tensor(wanted[..at]).unsqueeze(0)))[0][at - 1].argmax().item<long>());
        }
    });

    [Theory]
    [MemberData(nameof(Writing))]
    public Task Extending_a_padded_row_equals_running_it_alone(string folder) => OnDevice.Run(() =>
    {
        using var noGradient = no_grad();
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        var ids = expected["input_ids"];
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var prompts = new GoldenBatch(expected, weights.Config).Prompts;
        ICausalModel Answering(params int[][] asked) => weights.Config.Build(name => weights.Store[name]).AsLanguageModel().Begin(PromptRows.Questions(asked)).Model;
        var model = Answering(prompts[0], prompts[1]);
        var cache = model.NewCache(2, 8);
        model.Hidden(stack([ids[0].narrow(0, 0, 6), ids[1].narrow(0, 0, 6)]), cache);
        var extended = model.Extend(stack([ids[0].narrow(0, 6, 1), ids[1].narrow(0, 2, 1)]), cache, [6, 2]);
        GoldenFiles.Close(Answering(prompts[0]).Hidden(ids[0].narrow(0, 0, 7).unsqueeze(0))[0][6], extended[0][0], 1e-5, "whole row");
        GoldenFiles.Close(Answering(prompts[1]).Hidden(ids[1].narrow(0, 0, 3).unsqueeze(0))[0][2], extended[1][0], 1e-5, "padded row");
    });

    [Fact]
    public void Every_family_has_a_golden_model_with_its_cases_of_LoRA()
    {
        foreach (var family in ModelConfigFile.KnownFamilies)
        {
            // mT5 is T5 v1.1 but for the head that files have or have not.
            var name = family.Replace("mt5", "t5-v1_1", StringComparison.Ordinal);
            string[] cases = family.EndsWith("bert", StringComparison.Ordinal) || family == "roberta" ? [$"{family}-classify"] : ["lora", "lora-all-rs"];
            Assert.Contains(GoldenFiles.Models, folder => Path.GetFileName(folder) == name && GoldenFiles.IsKnown(folder)
                && cases.All(one => GoldenFiles.Has(Path.Combine(folder, one), "adamw_losses")));
        }
    }
}
