using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Keys and values of what many prompts begin with (description and examples), read once in a measurement. It belongs to whoever owns the model, is used on the model's device
/// thread, and outlives dispose scopes. Unusual: a beginning is always read alone, as one row, so its bits do not depend on who needs it first.
/// </summary>
public sealed class PromptCache : IDisposable
{
    private readonly Dictionary<PromptBeginning, KeyValueCache> _read = [];
    private int? _measurement;

    public void Dispose() => Forget();

    /// <summary>Frees what was read; it is read again when somebody needs it.</summary>
    internal void Forget()
    {
        foreach (var cache in _read.Values)
            cache.Dispose();
        _read.Clear();
    }

    /// <summary>Forgets what was read for another measurement, which may have had another model.</summary>
    /// <param name="measurement">The number of the measurement that goes on; null: one of its own.</param>
    internal void GoOn(int? measurement)
    {
        if (measurement is null || measurement != _measurement)
            Forget();
        _measurement = measurement;
    }

    /// <summary>The keys and values of a beginning.</summary>
    /// <param name="beginning">Which one.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="model">What reads it, where nobody has.</param>
    /// <param name="cancellation">Polled between layers.</param>
    internal KeyValueCache Of(PromptBeginning beginning, ReadOnlySpan<int> tokens, ICausalModel model, CancellationToken cancellation)
    {
        if (_read.TryGetValue(beginning, out var known))
            return known;
        using var scope = NewDisposeScope();
        var row = tokens.ToArray();
        var length = PaddedLength.Of(row.Length);
        var cache = model.NewCache(1, length);
        _ = model.Hidden(PaddedRows.Of(1, _ => row, length, model.Config.VocabularySize).to(model.Head.Weight_VD.device), cache, [row.Length], cancellation: cancellation);
        return _read[beginning] = cache.Kept();
    }
}

/// <summary>What a prompt shares with others of its measurement.</summary>
/// <param name="Template">The template that its examples are worded with.</param>
/// <param name="Examples">How many there are.</param>
/// <param name="Length">Tokens, from the prompt's first; 0: it shares nothing.</param>
internal readonly record struct PromptBeginning(int Template, int Examples, int Length);
