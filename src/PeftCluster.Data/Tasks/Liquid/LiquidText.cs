using System.Globalization;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Values;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Data.Tasks.Liquid;

/// <summary>A text in Liquid (Fluid), parsed once and filled in for each row. Threads may share it.</summary>
internal sealed partial class LiquidText
{
    private readonly IFluidTemplate _template;

    /// <param name="written">The text and its place.</param>
    /// <param name="key">Its key in the task, for messages.</param>
    /// <exception cref="BadInputException">It is not Liquid, or does what no template may.</exception>
    public LiquidText(ScalarNode written, string key)
    {
        Source = written.Text;
        if (Source.Length > LiquidLimits.LongestTemplate)
            throw written.Place.Error(key, string.Create(CultureInfo.InvariantCulture, $"the text has {Source.Length:N0} characters; at most {LiquidLimits.LongestTemplate:N0} are allowed."));
        if (Nested().Count(Source) > LiquidLimits.MostNested)
            throw written.Place.Error(key, string.Create(CultureInfo.InvariantCulture, $"the text has more than {LiquidLimits.MostNested} tags, brackets and filters. Write it with fewer."));
        if (!LiquidLimits.Parser.TryParse(Source, out _template, out var error))
            throw written.Place.Error(key, NotLiquid(error));
        var fields = LiquidFields.Of(_template);
        if (fields.Problem is { } problem)
            throw written.Place.Error(key, $"{problem}.");
        Fields = fields.All;
    }

    /// <summary>As it is written.</summary>
    public string Source { get; }

    /// <summary>The fields that it names.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>The text for a row.</summary>
    /// <param name="values">A value for each of <see cref="Fields"/>.</param>
    /// <exception cref="LiquidRefused">It does not end within the limits, or asks for what is not there.</exception>
    public string Render(IReadOnlyDictionary<string, FluidValue> values)
    {
        var context = new TemplateContext(LiquidLimits.Options);
        foreach (var field in Fields)
            context.SetValue(field, values[field]);
        using var text = new LimitedText();
        try
        {
            _template.RenderAsync(text, NullEncoder.Default, context).AsTask().GetAwaiter().GetResult();
        }
        catch (LiquidRefused)
        {
            throw;
        }
        catch (InvalidOperationException endless) when (endless.Message.Contains("maximum", StringComparison.Ordinal))
        {
            throw new LiquidRefused(string.Create(CultureInfo.InvariantCulture, $"it does not end within {LiquidLimits.MostSteps:N0} steps. Look for a loop that goes on for too long"), endless);
        }
#pragma warning disable CA1031 // A filter may throw anything at a value that it cannot take.
        catch (Exception failed) when (failed is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new LiquidRefused($"it cannot be filled in: {Formats.OneLine.Of(failed.Message).TrimEnd('.')}", failed);
        }
        return text.ToString();
    }

    /// <summary>Fluid says "what at (line:column)" and repeats the source.</summary>
    private static string NotLiquid(string error) => Where().Match(error) is { Success: true } at
        ? $"not valid Liquid in line {at.Groups["line"].Value}, column {at.Groups["column"].Value} of the text: {at.Groups["what"].Value}. Tags are {string.Join(", ", LiquidLimits.Tags)}."
        : $"not valid Liquid: {error.Split('\n')[0].TrimEnd('.')}.";

    [GeneratedRegex(@"^(?<what>.*?) at \((?<line>\d+):(?<column>\d+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Where();

    [GeneratedRegex(@"\{[%{]|[\[(|]", RegexOptions.CultureInvariant)]
    private static partial Regex Nested();
}
