using System.CommandLine;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cli.Commands;

/// <summary><c>--base-dtype</c>, with the words of job.yaml.</summary>
internal static class BaseDtypeOption
{
    /// <param name="description">What it is here, a sentence without its end.</param>
    /// <param name="formats">Those that can be given, the default first; none: all, <c>stored</c> first.</param>
    public static Option<string> Create(string description, params BaseDtype[] formats)
    {
        if (formats.Length == 0)
            formats = [BaseDtype.Stored, BaseDtype.Bfloat16, BaseDtype.Float16, BaseDtype.Float32];
        string[] words = [.. formats.Select(format => format.ToString().ToLowerInvariant())];
        var option = new Option<string>("--base-dtype") { Description = $"{description}: {string.Join(", ", words[..^1])} or {words[^1]}.", HelpName = "FORMAT", DefaultValueFactory = _ => words[0] };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    public static BaseDtype Read(ParseResult parsed, Option<string> option) => Enum.Parse<BaseDtype>(parsed.GetRequiredValue(option), ignoreCase: true);
}
