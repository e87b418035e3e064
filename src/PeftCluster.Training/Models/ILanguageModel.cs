using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Losses;

namespace PeftCluster.Training.Models;

/// <summary>
/// A model that writes text, of any kind, as training, evaluation and generation see it: it takes rows of prompt and completion, and gives
/// a causal model with the sequences that this one goes through. A decoder goes through prompt and completion itself; an encoder
/// reads the prompts first, and its decoder goes through a token of start and the completion.
/// </summary>
public interface ILanguageModel : IModel
{
    /// <summary>What makes logits of hidden states.</summary>
    OutputHead Head { get; }

    /// <summary>Reads what the causal model does not read itself. What it makes lives in the current dispose scope.</summary>
    /// <param name="rows">At least one row. Rows without a completion are questions.</param>
    /// <param name="cancellation">Polled between layers.</param>
    CausalRows Begin(PromptRows rows, CancellationToken cancellation = default);

    /// <summary>The same for answer choices, a sequence each; an encoder reads each example's prompt once.</summary>
    /// <param name="choices">At least one example.</param>
    /// <param name="cancellation">Polled between layers.</param>
    CausalRows Begin(ChoiceRows choices, CancellationToken cancellation = default) => Begin(choices.Repeated(), cancellation);

    LabelledStates IModel.Labelled(PromptRows rows, CancellationToken cancellation) => Labelled(Begin(rows, cancellation), cancellation);

    /// <summary>What the model says at the tokens of answer choices, choice after choice; the graph lives in the current dispose scope.</summary>
    /// <param name="choices">At least one example.</param>
    /// <param name="cancellation">Polled between layers.</param>
    LabelledStates Labelled(ChoiceRows choices, CancellationToken cancellation = default) => Labelled(Begin(choices, cancellation), cancellation);

    private LabelledStates Labelled(CausalRows sequences, CancellationToken cancellation)
    {
        var places = LabelledPlaces.Of(sequences);
        var hidden_BTD = sequences.Hidden(cache: null, cancellation);
        return new LabelledStates(places.Select(Head.Read(hidden_BTD)), places, Head);
    }
}

/// <summary>Rows of a batch where their tokens lie.</summary>
/// <param name="Count">B</param>
/// <param name="Tokens">A row's tokens by its place in the batch: prompt, completion, token of end; without padding.</param>
/// <param name="PromptLength">How many of them are prompt.</param>
public sealed record PromptRows(int Count, TokensOf Tokens, Func<int, int> PromptLength)
{
    /// <summary>Which of a row's tokens carry labels; null: those behind the prompt.</summary>
    public SpansOf? Spans { get; init; }

    /// <summary>T that the plan pads the rows to; null: the longest, rounded up. A decoder's affair: other models read prompt and completion apart.</summary>
    public int? Length { get; init; }

    /// <summary>Where each row stands when several share a padded row; null: each has one of its own.</summary>
    public IReadOnlyList<PackedPlace>? Packing { get; init; }

    /// <summary>Prompts that wait for their completions.</summary>
    public static PromptRows Questions(IReadOnlyList<int[]> prompts) => new(prompts.Count, row => prompts[row], row => prompts[row].Length);

    /// <summary>A micro-batch of a data set.</summary>
    public static PromptRows Of(ITokenRows set, MicroBatch batch) =>
        Of(set, batch.Rows) with { Length = batch.PaddedLength, Packing = batch.Packing };

    /// <summary>Rows of a data set.</summary>
    /// <param name="set">The data set.</param>
    /// <param name="numbers">Which of its rows.</param>
    public static PromptRows Of(ITokenRows set, IReadOnlyList<int> numbers) =>
        new(numbers.Count, row => set.Tokens(numbers[row]), row => set.PromptLength(numbers[row])) { Spans = row => set.Labelled(numbers[row]) };

    /// <summary>Which of a row's tokens carry labels.</summary>
    public ReadOnlySpan<LabelSpan> Labelled(int row) => Spans is { } spans ? spans(row) : new LabelSpan[] { new(PromptLength(row), Tokens(row).Length) };

    /// <summary>Tokens that have a label. Nothing predicts a row's first token, so it never counts.</summary>
    public int Labels => Enumerable.Range(0, Count).Sum(row => LabelSpan.Labels(Labelled(row)));
}

/// <summary>Labelled stretches of a row, wherever they lie.</summary>
public delegate ReadOnlySpan<LabelSpan> SpansOf(int row);
