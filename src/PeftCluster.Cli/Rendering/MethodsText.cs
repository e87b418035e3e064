using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Rendering;

/// <summary>The methods as a table for people: name, rate, what it trains where a model is given, and what it is.</summary>
internal static class MethodsText
{
    public static void Write(TextWriter output, IReadOnlyList<MethodFacts> methods)
    {
        var counted = methods.Any(method => method.Trained is not null || method.Misfit is not null);
        string[][] rows = [counted ? ["method", "rate", "trained", "share", ""] : ["method", "rate", ""], .. methods.Select(method => Row(method, counted))];
        Columns.Write(output, rows, [.. Enumerable.Range(1, rows[0].Length - 2)]);
    }

    private static string[] Row(MethodFacts method, bool counted)
    {
        var rate = Figures.Rate(method.LearningRate);
        if (!counted)
            return [method.Type, rate, method.About];
        return method.Trained is { } trained
            ? [method.Type, rate, Figures.Count(trained), Figures.SharePercent(method.Share ?? 0), method.About]
            : [method.Type, rate, "–", "–", $"Not here: {method.Misfit}"];
    }
}
