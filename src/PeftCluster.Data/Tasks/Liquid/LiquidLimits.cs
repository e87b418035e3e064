using System.Globalization;
using Fluid;
using Fluid.Values;

namespace PeftCluster.Data.Tasks.Liquid;

/// <summary>
/// What a template may do: the tags and filters that make a text of a row's fields, with bounds on steps and on every text. Left out are those that
/// read files, know the time or guard the text for the web. So a template is a function of the row, and ends.
/// </summary>
internal static class LiquidLimits
{
    /// <summary>Statements that a template may carry out for a row.</summary>
    public const int MostSteps = 10_000;

    /// <summary>Characters that a template may write, or hold in one value.</summary>
    public const int MostChars = 1_000_000;

    /// <summary>Characters of a template.</summary>
    public const int LongestTemplate = 16_384;

    /// <summary>Tags, brackets and filters of a template together: what reads them goes as deep as they are nested, and a stack that is full ends the process.</summary>
    public const int MostNested = 100;

    /// <summary>Numbers of a range.</summary>
    public const int LongestRange = 1000;

    public static readonly string[] Tags = ["assign", "break", "case", "comment", "continue", "echo", "for", "if", "raw", "unless"];

    public static readonly string[] Filters =
    [
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "default", "divided_by", "downcase", "first", "floor", "join", "last", "lstrip",
        "map", "minus", "modulo", "plus", "prepend", "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last", "reverse", "round", "rstrip", "size",
        "slice", "sort", "split", "strip", "strip_newlines", "times", "truncate", "truncatewords", "uniq", "upcase",
    ];

    public static TemplateOptions Options { get; } = MakeOptions();

    public static FluidParser Parser { get; } = MakeParser();

    /// <exception cref="LiquidRefused">A text is longer than is allowed.</exception>
    public static void Check(long characters)
    {
        if (characters > MostChars)
            throw new LiquidRefused(string.Create(CultureInfo.InvariantCulture, $"it writes more than {MostChars:N0} characters. Look for a loop that goes on for too long"));
    }

    private static FluidParser MakeParser()
    {
        var parser = new FluidParser();
        foreach (var tag in parser.RegisteredTags.Keys.Except(Tags).ToList())
            parser.RegisteredTags.Remove(tag);
        return parser;
    }

    private static TemplateOptions MakeOptions()
    {
        var options = new TemplateOptions { MaxSteps = MostSteps, StrictFilters = true, CultureInfo = CultureInfo.InvariantCulture };
        foreach (var (name, filter) in options.Filters.ToList())
        {
            options.Filters.Remove(name);
            if (Filters.Contains(name))
                options.Filters.AddFilter(name, Bounded(name, filter));
        }
        return options;
    }

    /// <summary>What a filter makes is measured before and after it is made.</summary>
    private static FilterDelegate Bounded(string name, FilterDelegate filter) => (input, arguments, context) =>
    {
        Check(Size(input) + name switch
        {
            "replace" => Occurrences(input.ToStringValue(), arguments.At(0).ToStringValue()) * Size(arguments.At(1)),
            "join" when input is ArrayValue list => list.Values.Count * Size(arguments.At(0)),
            _ => Enumerable.Range(0, arguments.Count).Sum(number => Size(arguments.At(number))),
        });
        var made = filter(input, arguments, context).AsTask().GetAwaiter().GetResult();
        Check(Size(made));
        return new ValueTask<FluidValue>(made);
    };

    private static long Occurrences(string text, string piece)
    {
        var count = piece.Length == 0 ? text.Length : 0;
        for (var at = 0; piece.Length > 0 && (at = text.IndexOf(piece, at, StringComparison.Ordinal)) >= 0; at += piece.Length)
            count++;
        return count;
    }

    private static long Size(FluidValue value) => value switch
    {
        StringValue text => text.ToStringValue().Length,
        ArrayValue list => list.Values.Sum(item => Size(item) + 1),
        _ => 1,
    };
}
