using PeftCluster.Steps.Plan;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Token ids to hidden states to logits, each token seeing those before it: a decoder, or an encoder's decoder bound to what the encoder
/// has read (<see cref="ILanguageModel"/>). The model keeps nothing between calls: a cache is the caller's. It may be used by one thread at a time. Shapes: B rows, T tokens, D hidden size, V vocabulary.
/// </summary>
public interface ICausalModel
{
    ModelConfig Config { get; }

    /// <summary>What makes logits of hidden states.</summary>
    OutputHead Head { get; }

    /// <summary>
    /// Hidden states after the last norm, of rows that start at place 0. Rows shorter than T are padded on the right with any id:
    /// a token sees only itself and what stands before it, so ignore what comes out at padded places. What an adapter puts before the row
    /// is neither counted nor given back.
    /// </summary>
    /// <param name="ids_BT">int64 ids.</param>
    /// <param name="cache">If given, empty; is filled with every row's keys and values.</param>
    /// <param name="lengths">
    /// Tokens of each row without its padding; null: T. Only rotary places that depend on a row's length ask for it: each row turns as it does alone.
    /// </param>
    /// <param name="packing">
    /// Where each sequence stands when several share a row: each sees only itself, its places count from 0, and <paramref name="lengths"/> are theirs. Null: one a row. With it
    /// there is no cache.
    /// </param>
    /// <param name="cancellation">Polled between layers.</param>
    /// <exception cref="NotSupportedException">The model cannot read packed rows.</exception>
    /// <returns>[B, T, D]</returns>
    Tensor Hidden(Tensor ids_BT, KeyValueCache? cache = null, IReadOnlyList<int>? lengths = null, IReadOnlyList<PackedPlace>? packing = null, CancellationToken cancellation = default);

    /// <summary>
    /// Hidden states of T further tokens for each row, one in generation. Writes at their places in the cache, over whatever padding lay there. Rows with fewer than T are padded
    /// on the right as in <see cref="Hidden"/>.
    /// </summary>
    /// <param name="ids_BT">int64 ids.</param>
    /// <param name="cache">Filled up to the places before.</param>
    /// <param name="places">The first token's place in each row (the number of tokens before it).</param>
    /// <param name="lengths">Tokens of each row among the T, without padding; null: T.</param>
    /// <param name="cancellation">Polled between layers.</param>
    /// <returns>[B, T, D]</returns>
    Tensor Extend(Tensor ids_BT, KeyValueCache cache, IReadOnlyList<long> places, IReadOnlyList<int>? lengths = null, CancellationToken cancellation = default);

    /// <summary>The most tokens that a row can have, where the model has learnt that many places and no more; null: any number.</summary>
    int? MostTokens => null;

    /// <summary>Whether a row's start is seen otherwise within the row than alone, so that one pass cannot serve both.</summary>
    /// <param name="start">Tokens of the start.</param>
    /// <param name="length">Tokens of the row.</param>
    bool LengthMatters(int start, int length) => false;

    /// <summary>Whether a row that grows to this length must be read again from its start: its cache no longer fits.</summary>
    /// <param name="length">Tokens of the row.</param>
    bool StartsAnew(int length) => false;

    /// <summary>An empty cache for generation.</summary>
    /// <param name="rows">B</param>
    /// <param name="capacity">The most tokens of a row; room for what an adapter puts before them is added.</param>
    KeyValueCache NewCache(int rows, int capacity);

    /// <summary>Logits of hidden states.</summary>
    /// <param name="hidden">[…, D]</param>
    /// <returns>[…, V]</returns>
    Tensor Logits(Tensor hidden);
}
