using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses.Choices;

/// <summary>
/// log p of each token of each answer choice, given the prompt and the choice's tokens before it. Sums are serial and in double, so that no thread count changes them.
/// </summary>
public sealed class ChoiceLogProbabilities
{
    private readonly double[] _tokens;
    private readonly int[][] _starts;

    private ChoiceLogProbabilities(ChoiceRows rows, ReadOnlySpan<float> losses)
    {
        Rows = rows;
        _tokens = new double[losses.Length];
        for (var token = 0; token < losses.Length; token++)
            _tokens[token] = -losses[token];
        _starts = new int[rows.Examples.Count][];
        var start = 0;
        for (var example = 0; example < _starts.Length; example++)
        {
            var choices = rows.Examples[example].Choices;
            _starts[example] = new int[choices.Count];
            for (var choice = 0; choice < choices.Count; choice++)
            {
                _starts[example][choice] = start;
                start += choices[choice].Length;
            }
        }
        if (start != losses.Length)
            throw new ArgumentException($"the choices have {start} tokens, the states {losses.Length}", nameof(losses));
    }

    public ChoiceRows Rows { get; }

    /// <summary>Of a batch's states. Logits exist for a chunk of places at a time, <see cref="HeadLoss"/>.</summary>
    /// <param name="rows">The examples.</param>
    /// <param name="states">What a model made of them, <see cref="ILanguageModel.Labelled(ChoiceRows, CancellationToken)"/>.</param>
    /// <param name="workspace">Room that is kept; null: none is.</param>
    /// <exception cref="ArgumentException">The states are another batch's.</exception>
    public static ChoiceLogProbabilities Of(ChoiceRows rows, LabelledStates states, HeadWorkspace? workspace = null)
    {
        using var scope = NewDisposeScope();
        return new ChoiceLogProbabilities(rows, HeadLoss.Of(states.States_MD, states.Head, states.Places.Targets(), workspace));
    }

    /// <summary>log p of the tokens of a choice.</summary>
    public ReadOnlySpan<double> Tokens(int example, int choice) => _tokens.AsSpan(Span(example, choice));

    /// <summary>log p of a choice: Σ over its T tokens.</summary>
    public double Sum(int example, int choice)
    {
        var sum = 0.0;
        foreach (var token in Tokens(example, choice))
            sum += token;
        return sum;
    }

    /// <summary>β, the length-normalised log p of a choice: (1/T) Σ.</summary>
    public double Mean(int example, int choice) => Sum(example, choice) / Tokens(example, choice).Length;

    /// <summary>Where the tokens of a choice lie among the M of the batch.</summary>
    internal Range Span(int example, int choice) =>
        _starts[example][choice]..(_starts[example][choice] + Rows.Examples[example].Choices[choice].Length);
}
