using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// Takes a snapshot forward through the journal, at memory speed and without a worker: each gradient goes through
/// the optimizer with its record's scalars, and every hash on the way is checked. The bits are those that the run had.
/// </summary>
public sealed class JournalReplay
{
    public JournalReplay(Snapshot snapshot, VectorLayout layout, TrainingSpec training, RankAllocation? allocation = null)
    {
        State = snapshot.State(layout, training, allocation);
        Chain = snapshot.Chain;
    }

    /// <summary>The adapter and its optimizer at the version reached.</summary>
    public AdapterState State { get; }

    /// <summary>The chain's hash there.</summary>
    public string Chain { get; private set; }

    /// <summary>
    /// Takes one step forward. Says null where it was taken, else what does not fit; the state is then that of the version
    /// before, from which the step can be computed again.
    /// </summary>
    /// <param name="entry">The next step's record.</param>
    /// <param name="gradient">Its summed gradient.</param>
    /// <exception cref="InvalidDataException">Record and gradient fit, and yet another adapter came out.</exception>
    public string? Advance(JournalEntry entry, SummedGradient gradient)
    {
        var step = State.Version;
        if (entry.Record.Step != step || gradient.Step != step)
            return $"step {step} is next, not record {entry.Record.Step} with gradient {gradient.Step}";
        if (gradient.LayoutHash != State.Layout.Hash || gradient.Vector.Length != State.Layout.Length)
            return $"the gradient of step {step} has another layout";
        if (LeafHash.Of(gradient.Vector.Span) != entry.Record.GradientHash)
            return $"the gradient of step {step} does not have the hash that its record says";
        if (JournalChain.Next(Chain, CommitRecordCodec.Encode(entry.Record)) != entry.Chain)
            return $"the record of step {step} does not continue the chain";
        State.Repeat(entry.Record.Update, gradient.Vector);
        if (LeafHash.Of(State.Adapter.Span) != entry.Record.AdapterHash)
            throw new InvalidDataException($"version {step + 1} does not have the hash that its record says: this build steps the optimizer otherwise");
        Chain = entry.Chain;
        return null;
    }
}
