using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prompts;

/// <summary>
/// Prompts with examples before the question, put together in token space: [begin] description "\n\n" example "\n\n" example "\n\n" … question.
/// An example is a training row, prompt and answer, without the tokens that begin or end either; an encoder's question keeps its end. Which examples, and with which answers, is
/// <see cref="DemonstrationDraw"/>'s affair. A prompt that would be too long loses its oldest examples, which are the first.
/// </summary>
public sealed class FewShotPrompts
{
    private readonly ITokenRows _train;
    private readonly ITokenRows _eval;
    private readonly TextTokenizer _tokenizer;
    private readonly DemonstrationDraw _draw;
    private readonly int[] _prefix;
    private readonly int[] _promptEnd;
    private readonly int[] _separator;
    private readonly int[] _description;

    /// <param name="train">Rows that examples are drawn from.</param>
    /// <param name="eval">Rows that are asked.</param>
    /// <param name="tokenizer">What made the tokens of both.</param>
    /// <param name="spec">Which examples, and what stands before them.</param>
    public FewShotPrompts(ITokenRows train, ITokenRows eval, TextTokenizer tokenizer, EvaluationSpec spec)
    {
        (_train, _eval, _tokenizer) = (train, eval, tokenizer);
        _draw = new DemonstrationDraw(train, eval, spec);
        _prefix = [.. tokenizer.Prefix];
        _promptEnd = [.. tokenizer.PromptEnd];
        _separator = tokenizer.Encode("\n\n", addSpecialTokens: false);
        _description = spec.Description is { } text ? [.. tokenizer.Encode(text, addSpecialTokens: false), .. _separator] : [];
    }

    /// <summary>The prompt of a held-out row; without shots it is the row's own.</summary>
    /// <param name="row">The held-out row.</param>
    /// <param name="shots">Examples before it.</param>
    /// <param name="mostTokens">Tokens that the model can see, less those of the answer.</param>
    /// <exception cref="BadInputException">There are fewer training rows than shots, or the question alone is too long.</exception>
    public FewShotPrompt Prompt(int row, int shots, int mostTokens = int.MaxValue)
    {
        var own = _eval.Prompt(row);
        if (shots == 0)
            return new FewShotPrompt(own.ToArray(), 0, 0, 0);
        int[][] examples = [.. _draw.Of(row, shots).Select(Example)];
        var question = Opened(own);
        var (leftOut, length) = (0, _prefix.Length + _description.Length + examples.Sum(example => (long)example.Length) + question.Length);
        while (length > mostTokens && leftOut < shots)
            length -= examples[leftOut++].Length;
        if (leftOut == shots)
            return new FewShotPrompt(Fitting(row, own, mostTokens).ToArray(), 0, shots, 0);
        int[] before = [.. _prefix, .. _description, .. examples[leftOut..].SelectMany(example => example)];
        return new FewShotPrompt([.. before, .. question], shots - leftOut, leftOut, _draw.IsShared ? before.Length : 0);
    }

    /// <summary>The training rows that prompts of some held-out rows are made of, those that are only looked at to draw them included; none where there are fewer than shots.</summary>
    public IEnumerable<int> TrainRows(IReadOnlyList<int> rows, int shots)
    {
        if (shots == 0 || shots > _train.Examples)
            return [];
        return _draw.ReadsAnswers ? Enumerable.Range(0, _train.Count) : rows.SelectMany(row => _draw.Rows(row, shots)).Distinct();
    }

    /// <summary>Examples of a held-out row, before any is left out.</summary>
    /// <exception cref="BadInputException">There are fewer training rows than shots.</exception>
    public IReadOnlyList<Demonstration> Demonstrations(int row, int shots) => _draw.Of(row, shots);

    private int[] Example(Demonstration example)
    {
        var asked = Opened(_train.Prompt(example.Row));
        asked = asked.EndsWith(_promptEnd) ? asked[..^_promptEnd.Length] : asked;
        if (!_train.HasChoices)
            return [.. asked, .. Unended(_train.Completion(example.Answer)), .. _separator];
        var answer = Unended(_train.Choice(example.Row, example.Answer));
        return [.. asked, .. Space(asked, answer), .. answer, .. _separator];
    }

    private ReadOnlySpan<int> Fitting(int row, ReadOnlySpan<int> prompt, int mostTokens) => prompt.Length <= mostTokens
        ? prompt
        : throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
            $"evaluation.shots: the prompt of held-out line {_eval.Line(row)} has {prompt.Length:N0} tokens without any example, and the model has room for {mostTokens:N0} before its answer. Shorten it, or set evaluation.max_new_tokens lower."));

    // An encoder's rows have no space between prompt and choice, since they are two texts there; in an example they are one. A last token that has no text of its own (one that is not
    // known) still stands there.
    private int[] Space(ReadOnlySpan<int> asked, ReadOnlySpan<int> answer)
    {
        if (asked.IsEmpty || answer.IsEmpty)
            return [];
        var left = Text(asked[^1..]);
        var both = Text([asked[^1], answer[0]]);
        var isApart = left.Length > 0 && char.IsWhiteSpace(left[^1]) || both.Length > left.Length && char.IsWhiteSpace(both[left.Length]);
        return isApart ? [] : _tokenizer.Encode(" ", addSpecialTokens: false);
    }

    private string Text(ReadOnlySpan<int> tokens) => _tokenizer.Decode(tokens, skipSpecialTokens: false);

    private ReadOnlySpan<int> Opened(ReadOnlySpan<int> prompt) => prompt.StartsWith(_prefix) ? prompt[_prefix.Length..] : prompt;

    // A row that was cut at max_length has lost its token of end.
    private ReadOnlySpan<int> Unended(ReadOnlySpan<int> answer) => answer[^1] == _tokenizer.EosId ? answer[..^1] : answer;
}
