using System.CommandLine;
using System.Globalization;

namespace PeftCluster.Cli.Commands;

/// <summary>What an option's value may be, said in one line where it is something else.</summary>
internal static class OptionLimits
{
    /// <summary>A whole number within limits.</summary>
    public static Option<int> Between(this Option<int> option, int least, int most)
    {
        Add(option, number => number >= least && number <= most, string.Create(CultureInfo.InvariantCulture, $"{least} to {most} are allowed"));
        return option;
    }

    /// <summary>A value that passes a test.</summary>
    /// <param name="option">The option.</param>
    /// <param name="isFine">The test.</param>
    /// <param name="limits">The rest of the line, for example "a number above 0 is allowed".</param>
    public static void Add<T>(Option<T> option, Func<T?, bool> isFine, string limits) => option.Validators.Add(result =>
    {
        try
        {
            if (!isFine(result.GetValueOrDefault<T>()))
                result.AddError($"{option.Name}: {limits}");
        }
        catch (InvalidOperationException) // The library's answer to a text that is no T.
        {
            result.AddError(ParseFault.WrongType(option, result.Tokens[^1].Value));
        }
    });
}
