using System.CommandLine;
using System.Text.RegularExpressions;

namespace PeftCluster.Cli.Commands;

/// <summary>The first thing that is wrong with a command line, in words for people: the library's own name types of .NET.</summary>
internal static partial class ParseFault
{
    public static string Of(ParseResult parsed)
    {
        var message = parsed.Errors[0].Message;
        if (LibraryWords().Match(message) is not { Success: true } match)
            return message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        var option = parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == match.Groups["name"].Value);
        return option is null ? $"{match.Groups["name"].Value}: \"{match.Groups["value"].Value}\" is nothing that can be given here" : WrongType(option, match.Groups["value"].Value);
    }

    /// <summary>The line for a text that is not what an option takes.</summary>
    public static string WrongType(Option option, string value) => $"{option.Name}: \"{value}\" is {Kind(option)}";

    private static string Kind(Option option) => option switch
    {
        { HelpName: { } words } when words.Contains('|', StringComparison.Ordinal) => $"none of {words}",
        { ValueType: var type } when (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(int) || plain == typeof(long)) => "no whole number, or too large",
        { ValueType: var type } when (Nullable.GetUnderlyingType(type) ?? type) == typeof(double) => "no number",
        _ => "nothing that can be given here",
    };

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for (?:option|command|argument) '(?<name>[^']*)' as expected type", RegexOptions.Singleline)]
    private static partial Regex LibraryWords();
}
