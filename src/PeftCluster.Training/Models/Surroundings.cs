using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>What all layers of one pass share.</summary>
/// <param name="Rotary">How heads turn with the tokens' places; null: they do not.</param>
/// <param name="Sight">Which keys each token sees.</param>
/// <param name="Cache">Keeps keys and values, where there is one.</param>
/// <param name="Step">The place of one further token in the cache; null: whole rows.</param>
/// <param name="Prefix">Learnt keys and values before the rows' own, [2L, K, P, N]; null: none, or they lie in the cache already.</param>
internal sealed record Surroundings(Rotary? Rotary, Sight Sight, KeyValueCache? Cache, CacheStep? Step, Tensor? Prefix)
{
    /// <summary>The tensors among them.</summary>
    public IReadOnlyList<Tensor?> Tensors => [Rotary?.Cos, Rotary?.Sin, Prefix];

    /// <summary>The same with other handles of <see cref="Tensors"/>.</summary>
    public Surroundings With(IReadOnlyList<Tensor?> tensors) => this with { Rotary = tensors[0] is { } cos ? new Rotary(cos, tensors[1]!) : null, Prefix = tensors[2] };
}
