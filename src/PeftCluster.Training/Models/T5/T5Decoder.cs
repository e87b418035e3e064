using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>
/// T5's decoder bound to encoded prompts: a causal model for their answers, as long as the prompts' dispose scope lives. It also takes a
/// multiple of the prompts' rows, as a search with several beams has them (then the first rows belong to the first prompt), and rows that say
/// which prompt is theirs, as answer choices do.
/// B rows, T tokens, S keys, D hidden size, P places before the rows.
/// </summary>
internal sealed class T5Decoder(T5Config config, OutputHead head, Tensor embedding_VD, T5Stack stack, T5Source source, Attachments attached, ScalarType flowing) : ICausalModel
{
    public ModelConfig Config => config;

    public OutputHead Head => head;

    public Tensor Hidden(Tensor ids_BT, KeyValueCache? cache = null, IReadOnlyList<int>? lengths = null, IReadOnlyList<PackedPlace>? packing = null, CancellationToken cancellation = default)
    {
        if (packing is not null)
            throw new NotSupportedException("an encoder's decoder reads one sequence a row");
        using var scope = NewDisposeScope();
        var (length, before) = (ids_BT.shape[1], attached.Prefix?.Count ?? 0);
        cache?.Begin(before + length);
        var place_1T = Arithmetic.Range(before, before + length, ids_BT.device).unsqueeze(0);
        using var sight = Sight.OfRows(length, before);
        var bias = Bias(place_1T, before + length, sight);
        return Run(ids_BT, bias, new Memory(cache, null, attached.PrefixAs(flowing)), cancellation).MoveToOuterDisposeScope();
    }

    public Tensor Extend(Tensor ids_BT, KeyValueCache cache, IReadOnlyList<long> places, IReadOnlyList<int>? lengths = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var step = cache.Advance([.. places.Select(place => place + (attached.Prefix?.Count ?? 0))], ids_BT.shape[1]);
        using var sight = step.Sight;
        var bias = Bias(step.Place_BT, cache.Used, sight);
        return Run(ids_BT, bias, new Memory(cache, step, null), cancellation).MoveToOuterDisposeScope();
    }

    public KeyValueCache NewCache(int rows, int capacity) => config.NewCache(rows, capacity + (attached.Prefix?.Count ?? 0), flowing);

    public Tensor Logits(Tensor hidden) => head.Logits(hidden);

    private Tensor Bias(Tensor place_RT, long keys, Sight sight) =>
        stack.Bias.Of(place_RT, keys).MaskedFill(sight.Mask(null).logical_not(), double.NegativeInfinity);

    private Tensor Run(Tensor ids_BT, Tensor bias, Memory memory, CancellationToken cancellation)
    {
        var x_BTD = attached.Embed(embedding_VD, ids_BT, flowing, site: 1);
        var rows = ids_BT.shape[0];
        var hiding = source.Hiding_B11S is null ? null : ForRows(source.Hiding_B11S, rows);
        Tensor?[] shared = [bias, hiding, memory.Prefix, .. source.Layers.SelectMany(seen => new[] { seen.Key_BHSN, seen.Value_BHSN })];
        var layers = new LayerStack(stack.Layers.Count, shared, (layer, x, tensors) =>
        {
            var seen = new KeysAndValues(ForRows(tensors[3 + 2 * layer]!, rows), ForRows(tensors[4 + 2 * layer]!, rows));
            return stack.Layers[layer].Forward(x, tensors[0]!, own => Seen(layer, own, memory with { Prefix = tensors[2] }), seen, tensors[1]);
        });
        var hidden_BTD = stack.Norm.Forward(attached.Through(layers, x_BTD, cancellation));
        return config.ScaledHead ? hidden_BTD.DividedBy(Math.Sqrt(config.HiddenSize)) : hidden_BTD;
    }

    /// <summary>Where a pass finds keys and values that are older than its tokens.</summary>
    private sealed record Memory(KeyValueCache? Cache, CacheStep? Step, Tensor? Prefix);

    private static KeysAndValues Seen(int layer, KeysAndValues own, Memory memory)
    {
        // PEFT writes the learnt keys and values twice and deals them out by four, for attention to the encoder too, which then
        // drops its two: layer ℓ has those at 4ℓ and 4ℓ + 1, counted round.
        if (memory.Prefix is { } learnt)
            own = new KeysAndValues(Behind(learnt[4 * layer % learnt.shape[0]], own.Key_BHSN), Behind(learnt[(4 * layer + 1) % learnt.shape[0]], own.Value_BHSN));
        memory.Cache?.Write(layer, own.Key_BHSN, own.Value_BHSN, memory.Step);
        return memory.Step is null ? own : new KeysAndValues(memory.Cache!.Keys(layer), memory.Cache.Values(layer));
    }

    private static Tensor Behind(Tensor learnt_HPN, Tensor own_BHTN) => cat([learnt_HPN.expand(own_BHTN.shape[0], -1, -1, -1), own_BHTN], 2);

    private Tensor ForRows(Tensor ofPrompts, long rows)
    {
        if (ofPrompts.shape[0] == rows)
            return ofPrompts;
        if (source.Owners is not { } owners)
            return ofPrompts.repeat_interleave(rows / ofPrompts.shape[0], 0);
        using var owner_B = tensor(owners.Select(prompt => (long)prompt).ToArray(), device: ofPrompts.device);
        return ofPrompts.index_select(0, owner_B);
    }
}
