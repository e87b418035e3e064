using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Rotary places of every golden kind, for rows within the original context and beyond it, against transformers.</summary>
public sealed class RopeGoldenTests
{
    public static TheoryData<string> Models => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).Where(folder => GoldenFiles.Has(folder, "inv_freq.long"))];

    public static TheoryData<string, string, bool> Answers
    {
        get
        {
            var all = new TheoryData<string, string, bool>();
            foreach (string folder in Models.Select(row => row.Data))
            {
                foreach (var name in new[] { "greedy", "greedy_short", "greedy_no_cache", "greedy_short_no_cache" })
                {
                    // Transformers loses the context where a cached row of longrope leaves the original one: without a cache it does not.
                    var lost = folder.EndsWith("longrope", StringComparison.Ordinal) && name == "greedy_short";
                    all.Add(folder, lost ? "greedy_short_no_cache" : name, !name.EndsWith("_no_cache", StringComparison.Ordinal));
                }
            }
            return all;
        }
    }

    [Fact]
    public void Every_kind_whose_places_depend_on_the_length_is_among_them() => Assert.Superset(
        new HashSet<string> { "rope-dynamic", "rope-linear", "rope-longrope", "rope-yarn" }, Models.Select(row => Path.GetFileName(row.Data)).ToHashSet());

    [Theory]
    [MemberData(nameof(Models))]
    public Task Frequencies_and_amplitude_are_those_of_transformers(string folder) => OnDevice.Run(() =>
    {
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        var rope = ((DecoderConfig)ModelConfigFile.Load(Path.Combine(folder, "model"))).Rope!;
        foreach (var (name, length) in Lengths(expected))
        {
            GoldenFiles.Close(expected[$"inv_freq.{name}"], tensor(rope.Frequencies(length).Select(frequency => (float)frequency).ToArray()), 1e-5, name);
            Assert.Equal(expected[$"attention_scaling.{name}"].item<float>(), rope.Amplitude, 1e-5);
        }
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_short_row_beside_a_long_one_turns_as_it_does_alone(string folder) => OnDevice.Run(() =>
    {
        using var noGradient = no_grad();
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var model = (Decoder)weights.Config.Build(name => weights.Store[name]);
        var both = expected["input_ids"].narrow(0, 0, 1).repeat(2, 1);
        var (whole, part) = ((int)both.shape[1], (int)expected["short_logits"].shape[^2]);
        var logits = model.Logits(model.Hidden(both, lengths: [whole, part]));
        GoldenFiles.Close(expected["logits"][0], logits[0], 1e-5, "long row");
        GoldenFiles.Close(expected["short_logits"].view(part, -1), logits[1].narrow(0, 0, part), 1e-5, "short row");
    });

    [Theory]
    [MemberData(nameof(Answers))]
    public Task Ids_within_and_beyond_the_original_context_agree_with_transformers(string folder, string name, bool cached) => OnDevice.Run(() =>
    {
        using var noGradient = no_grad();
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        int[] wanted = [.. expected[name].data<long>().Select(id => (int)id)];
        var prompt = name.Contains("short", StringComparison.Ordinal) ? (int)expected["short_logits"].shape[^2] : (int)expected["input_ids"].shape[1];
        var model = NeverEnding.Begin(weights, folder, wanted[..prompt]).Model;
        if (cached)
        {
            Assert.Equal(wanted[prompt..], new AnswerGenerator(model, new Decoding { MaxNewTokens = wanted.Length - prompt }).Generate([wanted[..prompt]], CancellationToken.None)[0]);
            return;
        }
        for (var at = prompt; at < wanted.Length; at++)
        {
            using var scope = NewDisposeScope();
            Assert.Equal(wanted[at], model.Logits(model.Hidden(tensor(wanted[..at].Select(id => (long)id).ToArray()).unsqueeze(0)))[0][at - 1].argmax().item<long>());
        }
    });

    private static (string Name, long Length)[] Lengths(Dictionary<string, Tensor> expected) =>
        [("long", expected["input_ids"].shape[1]), ("short", expected["short_logits"].shape[^2])];
}
