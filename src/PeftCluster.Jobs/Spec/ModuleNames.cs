using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// How a job names modules: a list of names, or one regular expression that has to match a module's whole path, as in PEFT. Both are one
/// list: an expression is its only item and, unlike a name, holds a character other than letters, digits, dots, hyphens and underscores.
/// </summary>
public static partial class ModuleNames
{
    public const string Name = "^[A-Za-z0-9_.-]{1,200}$";

    // Long enough for every path of a large model; a pattern that backtracks for ever ends in a line instead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Whether the list is one regular expression.</summary>
    public static bool IsPattern([NotNullWhen(true)] IReadOnlyList<string>? names) => names is [var one] && !PlainName().IsMatch(one);

    /// <summary>Compiles an expression written for Python's re, which differs from .NET's in how a group is named.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="ends">What stands before and after it, for example <c>^</c> and <c>$</c>; it is a group of its own between them.</param>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static Regex Compile(string expression, (string Before, string After) ends) =>
        new($"{ends.Before}(?:{expression.Replace("(?P<", "(?<", StringComparison.Ordinal)}){ends.After}", RegexOptions.CultureInvariant, Patience);

    [GeneratedRegex(Name)]
    private static partial Regex PlainName();
}
