using System.CommandLine;
using PeftCluster.Jobs;
using PeftCluster.Training.Generation;

namespace PeftCluster.Cli.Commands;

/// <summary>The options that say how an answer is chosen; names as in transformers.</summary>
internal sealed class DecodingOptions
{
    private static readonly Decoding Standard = new();

    private readonly Option<int> _most = Whole("--max-new-tokens", "The most tokens of the answer.", Standard.MaxNewTokens, 1, 4096);
    private readonly Option<int> _least = Whole("--min-new-tokens", "Tokens before which the answer may not end.", 0, 0, 4096);
    private readonly Option<bool> _sample = new("--sample") { Description = "Draw tokens by their probability; without it the likeliest one is taken." };
    private readonly Option<double> _temperature = Number("--temperature", "Sampling: below 1 the likely tokens become likelier, above 1 the others.", 1, number => number > 0 && number <= 100, "above 0, at most 100");
    private readonly Option<int> _topK = Whole("--top-k", "Sampling: only so many of the likeliest tokens; 0: all.", 0, 0, int.MaxValue);
    private readonly Option<double> _topP = Number("--top-p", "Sampling: only the likeliest tokens that have this probability together.", 1, number => number > 0 && number <= 1, "above 0, at most 1");
    private readonly Option<double> _minP = Number("--min-p", "Sampling: only tokens with this share of the likeliest one's probability.", 0, number => number is >= 0 and <= 1, "from 0 to 1");
    private readonly Option<long> _seed = new("--seed") { Description = "Sampling: what is drawn; the same seed draws the same.", HelpName = "N", DefaultValueFactory = _ => Standard.Seed };
    private readonly Option<int> _beams = Whole("--beams", "Follow so many beams and take the best answer.", 1, 1, 64);
    private readonly Option<double> _lengthPenalty = Number("--length-penalty", "Beams: above 0 longer answers score better, below 0 shorter ones.", 1, number => Math.Abs(number) <= 100, "from -100 to 100");
    private readonly Option<EarlyStopping> _early = new("--early-stopping")
    {
        Description = "Beams: stop once enough of them have ended (yes), could only be beaten by worse ones (no), or by none of any length (never).",
        HelpName = "no|yes|never",
        DefaultValueFactory = _ => Standard.EarlyStopping,
    };
    private readonly Option<double> _repetition = Number("--repetition-penalty", "Above 1 tokens that were there already become less likely.", 1, number => number > 0 && number <= 100, "above 0, at most 100");
    private readonly Option<int> _ngram = Whole("--no-repeat-ngram-size", "No run of so many tokens comes twice; 0: any may.", 0, 0, 1024);
    private readonly Option<string[]> _stops = new("--stop") { Description = "A text that ends the answer and is no part of it. May be repeated.", HelpName = "TEXT", DefaultValueFactory = _ => [] };

    private Option[] All => [_most, _least, _sample, _temperature, _topK, _topP, _minP, _seed, _beams, _lengthPenalty, _early, _repetition, _ngram, _stops];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string> Stops(ParseResult parsed) => [.. parsed.GetRequiredValue(_stops).Where(text => text.Length > 0)];

    /// <summary>How the answer is chosen.</summary>
    /// <exception cref="BadInputException">Options that do not go together.</exception>
    public Decoding Read(ParseResult parsed)
    {
        var (sample, beams) = (parsed.GetValue(_sample), parsed.GetValue(_beams));
        if (sample && beams > 1)
            throw new BadInputException("--beams: beams follow the likeliest tokens, and --sample draws them. Leave one of the two out.");
        if (!sample && Given(parsed, _temperature, _topK, _topP, _minP, _seed) is { } shape)
            throw new BadInputException($"{shape}: only sampling heeds it. Add --sample, or leave it out.");
        if (beams == 1 && Given(parsed, _lengthPenalty, _early) is { } search)
            throw new BadInputException($"{search}: only beams heed it. Add --beams 4, or leave it out.");
        if (parsed.GetValue(_least) > parsed.GetValue(_most))
            throw new BadInputException("--min-new-tokens: is above --max-new-tokens. Raise the one or lower the other.");
        return new Decoding
        {
            MaxNewTokens = parsed.GetValue(_most),
            MinNewTokens = parsed.GetValue(_least),
            Sample = sample,
            Temperature = parsed.GetValue(_temperature),
            TopK = parsed.GetValue(_topK),
            TopP = parsed.GetValue(_topP),
            MinP = parsed.GetValue(_minP),
            Seed = parsed.GetValue(_seed),
            Beams = beams,
            LengthPenalty = parsed.GetValue(_lengthPenalty),
            EarlyStopping = parsed.GetValue(_early),
            RepetitionPenalty = parsed.GetValue(_repetition),
            NoRepeatNgramSize = parsed.GetValue(_ngram),
        };
    }

    private static string? Given(ParseResult parsed, params Option[] options) =>
        options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    private static Option<int> Whole(string name, string description, int standard, int least, int most) =>
        new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard }.Between(least, most);

    private static Option<double> Number(string name, string description, double standard, Func<double, bool> isFine, string limits)
    {
        var option = new Option<double>(name) { Description = description, HelpName = "X", DefaultValueFactory = _ => standard };
        OptionLimits.Add(option, isFine, $"a number {limits} is allowed");
        return option;
    }
}
