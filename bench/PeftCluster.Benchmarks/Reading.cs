using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace PeftCluster.Benchmarks;

/// <summary>What all benchmarks read and write alike: lists of numbers such as <c>1M,4M</c>, medians, and the JSON at the end.</summary>
internal static class Reading
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Option<int[]> Numbers(string name, string description, params int[] standard) => new(name)
    {
        Description = description,
        HelpName = "N,N,…",
        DefaultValueFactory = _ => standard,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(Number)],
    };

    public static Option<string[]> Names(string name, string description, params string[] standard) => new(name)
    {
        Description = description,
        HelpName = "NAME,NAME,…",
        DefaultValueFactory = _ => standard,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(word => standard.Contains(word)
            ? word
            : throw new FormatException($"{name}: {word} is none of {string.Join(", ", standard)}"))],
    };

    public static Option<bool> Json() => new("--json") { Description = "Write one JSON object and nothing else to standard output." };

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static string JsonOf(object result) => JsonSerializer.Serialize(result, _json);

    private static int Number(string word)
    {
        var (digits, unit) = word switch
        {
            [.., 'M' or 'm'] => (word[..^1], 1 << 20),
            [.., 'k' or 'K'] => (word[..^1], 1 << 10),
            _ => (word, 1),
        };
        return int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * unit;
    }
}
