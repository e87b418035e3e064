using System.Globalization;

namespace PeftCluster.Data.Tokenizers.Unicode;

/// <summary>
/// What the Unicode Character Database says about taking characters apart and together, read from decompositions.txt
/// (decompositions.py beside it says what a line means). Decompositions are followed to their end when they are read.
/// </summary>
internal sealed class DecompositionTable
{
    private static readonly Lazy<DecompositionTable> Read = new(() => new DecompositionTable());

    private readonly Dictionary<int, int> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<(int, int), int> _composed = [];

    private DecompositionTable()
    {
        using var stream = typeof(DecompositionTable).Assembly.GetManifestResourceStream("decompositions.txt")!;
        using var lines = new StreamReader(stream);
        while (lines.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                Take(line.Split(' '));
        }
        // Parts have parts. Those of a canonical decomposition may have a compatible one, so the second table has both kinds.
        foreach (var point in _canonical.Keys.ToArray())
            _canonical[point] = [.. _canonical[point].SelectMany(part => Close(part, _canonical))];
        foreach (var (point, parts) in _canonical)
            _compatible.TryAdd(point, parts);
        foreach (var point in _compatible.Keys.ToArray())
            _compatible[point] = [.. _compatible[point].SelectMany(part => Close(part, _compatible))];
    }

    /// <summary>The table, read when it is first asked for.</summary>
    public static DecompositionTable Instance => Read.Value;

    /// <summary>The canonical combining class.</summary>
    public int Class(int point) => _classes.GetValueOrDefault(point);

    /// <summary>What a character is taken apart into, or null where it stays.</summary>
    public int[]? Parts(int point, bool compatible) => (compatible ? _compatible : _canonical).GetValueOrDefault(point);

    /// <summary>The character that two become, or null.</summary>
    public int? Composed(int first, int second) => _composed.TryGetValue((first, second), out var point) ? point : null;

    private void Take(string[] words)
    {
        int[] points = [.. words.Skip(1).Select(word => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        switch (words[0])
        {
            case "=":
                _composed[(points[1], points[2])] = points[0];
                goto case "-";
            case "-":
                _canonical[points[0]] = points[1..];
                break;
            case "~":
                _compatible[points[0]] = points[1..];
                break;
            default:
                for (var point = points[0]; point <= points[1]; point++)
                    _classes[point] = int.Parse(words[0], CultureInfo.InvariantCulture);
                break;
        }
    }

    private static IEnumerable<int> Close(int point, Dictionary<int, int[]> table) =>
        table.TryGetValue(point, out var parts) ? parts.SelectMany(part => Close(part, table)) : [point];
}
