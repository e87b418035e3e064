using System.Text.Json;
using PeftCluster.Tests;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Generation;

/// <summary>What each rule and each kind of sampling keeps, and the answers and beams of generate(), against transformers.</summary>
public sealed class DecodingGoldenTests
{
    private const int ProcessorsEnd = 2;
    private const int ProcessorsPrompt = 4;

    private static string Folder => GoldenFolder.Of("extra", "llama", "generation");

    public static TheoryData<string> Processors => [.. Cases("probabilities.")];

    public static TheoryData<string> Answers => [.. Cases("ids.greedy")];

    public static TheoryData<string> Searches => [.. Cases("ids.beam")];

    public static TheoryData<string> WithBeams => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).Where(folder => GoldenFiles.Has(folder, "beam3"))];

    [Theory]
    [MemberData(nameof(Processors))]
    public Task Scores_and_probabilities_are_those_of_transformers(string name) => OnDevice.Run(() =>
    {
        var expected = GoldenFiles.Read(Folder, "expected.safetensors");
        var decoding = Case(name) with { EndTokens = [ProcessorsEnd] };
        var all = NextTokens.ScoresOf(expected["logits"]);
        for (var row = 0; row < all.Length; row++)
        {
            int[] prefix = [.. expected["prefix"][row].data<long>().Select(id => (int)id)];
            ScoreRules.Apply(all[row], decoding, prefix, ProcessorsPrompt);
            Sampling.Warp(all[row], decoding);
            Close(expected[name][row], Sampling.Probabilities(all[row]).Select(one => (float)one), name);
            if (expected.TryGetValue(name.Replace("probabilities", "scores", StringComparison.Ordinal), out var scores))
                Close(scores[row].nan_to_num(0, 0, 0), all[row].Select(score => float.IsFinite(score) ? score : 0), name);
        }
    });

    [Fact]
    public Task The_k_likeliest_are_kept_with_what_equals_the_last_of_them() => OnDevice.Run(() =>
    {
        var expected = GoldenFiles.Read(Folder, "expected.safetensors");
        var scores = NextTokens.ScoresOf(expected["tied_logits"])[0];
        Sampling.Warp(scores, new Decoding { TopK = 5 });
        Close(expected["tied_top_k_5"][0], Sampling.Probabilities(scores).Select(one => (float)one), "tied");
    });

    [Theory]
    [MemberData(nameof(Answers))]
    public Task Answers_by_the_likeliest_token_are_those_of_transformers(string name) => OnDevice.Run(() =>
    {
        var (weights, prompt, wanted) = Open(name);
        using (weights)
        {
            var answer = new AnswerGenerator((Decoder)weights.Config.Build(key => weights.Store[key]), Case(name)).Generate([prompt], CancellationToken.None)[0];
            Assert.Equal(wanted[0].TakeWhile(id => !Case(name).EndTokens.Contains(id)), answer);
        }
    });

    [Theory]
    [MemberData(nameof(Searches))]
    public Task Beams_and_their_scores_are_those_of_transformers(string name) => OnDevice.Run(() =>
    {
        var (weights, prompt, wanted) = Open(name);
        using (weights)
        {
            var decoding = Case(name);
            var found = new BeamSearch((Decoder)weights.Config.Build(key => weights.Store[key]), decoding).Answer(prompt, CancellationToken.None);
            Assert.Equal(wanted.Select(row => row.TakeWhile(id => !decoding.EndTokens.Contains(id))), found.Select(one => one.Tokens));
            var scores = GoldenFiles.Read(Folder, "expected.safetensors")[name.Replace("ids.", "beam_scores.", StringComparison.Ordinal)];
            Close(scores, found.Select(one => (float)one.Score), name);
        }
    });

    [Theory]
    [MemberData(nameof(WithBeams))]
    public Task Three_beams_of_every_family_answer_as_in_transformers(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        int[] wanted = [.. expected["beam3"].data<long>().Select(id => (int)id)];
        var end = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "model", "config.json"))).RootElement.GetProperty("eos_token_id").GetInt32();
        var rows = weights.Config.Build(name => weights.Store[name]).AsLanguageModel().Begin(PromptRows.Questions([new GoldenBatch(expected, weights.Config).Prompts[0]]));
        var prompt = rows.Prompts()[0];
        var most = wanted.Length - prompt.Length;
        var decoding = new Decoding { Beams = 3, MaxNewTokens = most, MinNewTokens = most, EndTokens = [end] };
        Assert.Equal(wanted[prompt.Length..], new BeamSearch(rows.Model, decoding).Answer(prompt, CancellationToken.None)[0].Tokens);
    });

    private static (SharedWeights Weights, int[] Prompt, int[][] Wanted) Open(string name)
    {
        var model = Path.GetDirectoryName(Folder)!;
        var weights = SharedWeights.Of(Path.Combine(model, "model"), CancellationToken.None);
        var prompt = new GoldenBatch(GoldenFiles.Read(model, "expected.safetensors"), weights.Config).Prompts[0];
        var ids = GoldenFiles.Read(Folder, "expected.safetensors")[name];
        return (weights, prompt, [.. Enumerable.Range(0, (int)ids.shape[0]).Select(row => ids[row].data<long>().Select(id => (int)id).Skip(prompt.Length).ToArray())]);
    }

    private static string[] Cases(string start) => !File.Exists(Path.Combine(Folder, "generation.json")) ? []
        : [.. Root.EnumerateObject().Select(one => one.Name).Where(name => name.StartsWith(start, StringComparison.Ordinal))];

    private static JsonElement Root => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "generation.json"))).RootElement;

    private static Decoding Case(string name)
    {
        var entry = Root.GetProperty(name);
        double Number(string key, double otherwise) => entry.TryGetProperty(key, out var value) ? value.GetDouble() : otherwise;
        return new Decoding
        {
            MaxNewTokens = (int)Number("max_new_tokens", 64),
            MinNewTokens = (int)Number("min_new_tokens", 0),
            MinLength = (int)Number("min_length", 0),
            EndTokens = entry.TryGetProperty("eos_token_id", out var end) ? [end.GetInt32()] : [],
            Temperature = Number("temperature", 1),
            TopK = (int)Number("top_k", 0),
            TopP = Number("top_p", 1),
            MinP = Number("min_p", 0),
            RepetitionPenalty = Number("repetition_penalty", 1),
            NoRepeatNgramSize = (int)Number("no_repeat_ngram", Number("no_repeat_ngram_size", 0)),
            Beams = (int)Number("num_beams", 1),
            LengthPenalty = Number("length_penalty", 1),
            EarlyStopping = !entry.TryGetProperty("early_stopping", out var early) ? EarlyStopping.No : early.ValueKind == JsonValueKind.True ? EarlyStopping.Yes : EarlyStopping.Never,
        };
    }

    private static void Close(Tensor expected, IEnumerable<float> actual, string what) => GoldenFiles.Close(expected, tensor(actual.ToArray()), 1e-5, what);
}
