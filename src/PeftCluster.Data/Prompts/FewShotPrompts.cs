using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Data.Prompts;

/// <summary>
/// Prompts with examples before the question, put together in token space: [begin] example "\n\n" example "\n\n" … question.
/// An example is a training row, prompt and completion, without the tokens that begin or end either; an encoder's question keeps its end. A held-out row's examples
/// depend on the seed and the row only, and those for one shot are the first of those for five.
/// </summary>
public sealed class FewShotPrompts
{
    private readonly PreparedRows _train;
    private readonly PreparedRows _eval;
    private readonly long _seed;
    private readonly int[] _prefix;
    private readonly int[] _promptEnd;
    private readonly int[] _separator;
    private readonly int? _eos;

    /// <param name="train">Rows that examples are drawn from.</param>
    /// <param name="eval">Rows that are asked.</param>
    /// <param name="tokenizer">What made the tokens of both.</param>
    /// <param name="seed">evaluation.demonstrations_seed.</param>
    public FewShotPrompts(PreparedRows train, PreparedRows eval, TextTokenizer tokenizer, long seed)
    {
        (_train, _eval, _seed) = (train, eval, seed);
        _prefix = [.. tokenizer.Prefix];
        _promptEnd = [.. tokenizer.PromptEnd];
        _separator = tokenizer.Encode("\n\n", addSpecialTokens: false);
        _eos = tokenizer.EosId;
    }

    /// <summary>The prompt of a held-out row with <paramref name="shots"/> examples before it; with none it is the row's own prompt.</summary>
    /// <exception cref="BadInputException">There are fewer training rows than shots.</exception>
    public int[] Prompt(int row, int shots)
    {
        if (shots == 0)
            return _eval.Prompt(row).ToArray();
        if (shots > _train.Count)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"evaluation.shots: {shots} examples are asked for, and data.train has {_train.Count} rows. Ask for fewer."));

        var tokens = new List<int>(_prefix);
        foreach (var demonstration in Demonstrations(row, shots))
        {
            var asked = Opened(_train.Prompt(demonstration));
            tokens.AddRange(asked.EndsWith(_promptEnd) ? asked[..^_promptEnd.Length] : asked);
            tokens.AddRange(Unended(_train.Completion(demonstration)));
            tokens.AddRange(_separator);
        }
        tokens.AddRange(Opened(_eval.Prompt(row)));
        return [.. tokens];
    }

    /// <summary>As <see cref="Prompt(int, int)"/>, and refuses a prompt that leaves no room for the answer.</summary>
    /// <param name="row">The held-out row.</param>
    /// <param name="shots">Examples before it.</param>
    /// <param name="mostTokens">Tokens that the model can see, less those of the answer.</param>
    public int[] Prompt(int row, int shots, int mostTokens)
    {
        var prompt = Prompt(row, shots);
        return prompt.Length <= mostTokens
            ? prompt
            : throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"evaluation.shots: with shots {shots} the prompt of held-out line {_eval.Line(row)} has {prompt.Length:N0} tokens, and the model has room for {mostTokens:N0} before its answer. Ask for fewer shots, or set evaluation.max_new_tokens lower."));
    }

    /// <summary>Distinct training rows, drawn by Philox keyed by (seed, held-out row); none where there are fewer than shots.</summary>
    public IReadOnlyList<int> Demonstrations(int row, int shots)
    {
        if (shots > _train.Count)
            return [];
        var stream = new PhiloxStream(_seed, PhiloxPurpose.Demonstrations, (ulong)row);
        var drawn = new List<int>(shots);
        while (drawn.Count < shots)
        {
            var candidate = stream.NextBelow(_train.Count);
            if (!drawn.Contains(candidate))
                drawn.Add(candidate);
        }
        return drawn;
    }

    private ReadOnlySpan<int> Opened(ReadOnlySpan<int> prompt) => prompt.StartsWith(_prefix) ? prompt[_prefix.Length..] : prompt;

    // A row that was cut at max_length has lost its token of end.
    private ReadOnlySpan<int> Unended(ReadOnlySpan<int> completion) => completion[^1] == _eos ? completion[..^1] : completion;
}
