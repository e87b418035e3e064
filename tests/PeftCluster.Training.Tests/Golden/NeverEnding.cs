using System.Text.Json;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>
/// A model that cannot give its token of end: transformers made the golden ids so, asked for as many new tokens at least as at most.
/// </summary>
internal sealed class NeverEnding(ICausalModel model, long end) : ICausalModel
{
    public ModelConfig Config => model.Config;

    public OutputHead Head => model.Head;

    /// <summary>A golden model that answers prompts, with the token of end that its config.json names.</summary>
    public static CausalRows Begin(SharedWeights weights, string folder, params int[][] prompts)
    {
        var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "model", "config.json"))).RootElement;
        var rows = weights.Config.Build(name => weights.Store[name]).AsLanguageModel().Begin(PromptRows.Questions(prompts));
        return rows with { Model = new NeverEnding(rows.Model, config.GetProperty("eos_token_id").GetInt64()) };
    }

    public Tensor Hidden(Tensor ids_BT, KeyValueCache? cache = null, IReadOnlyList<int>? lengths = null, IReadOnlyList<PackedPlace>? packing = null, CancellationToken cancellation = default) =>
        model.Hidden(ids_BT, cache, lengths, packing, cancellation);

    public bool StartsAnew(int length) => model.StartsAnew(length);

    public bool LengthMatters(int start, int length) => model.LengthMatters(start, length);

    public Tensor Extend(Tensor ids_BT, KeyValueCache cache, IReadOnlyList<long> places, IReadOnlyList<int>? lengths = null, CancellationToken cancellation = default) => model.Extend(ids_BT, cache, places, lengths, cancellation);

    public KeyValueCache NewCache(int rows, int capacity) => model.NewCache(rows, capacity);

    public Tensor Logits(Tensor hidden) => model.Logits(hidden).index_fill(-1, tensor(new[] { end }), float.NegativeInfinity);
}
