using System.Text;

namespace PeftCluster.Data.Tokenizers.Unicode;

/// <summary>
/// The normalization forms NFC, NFD, NFKC and NFKD (Unicode Standard Annex #15). Our own, because the product runs with
/// invariant globalization, where <see cref="string.Normalize()"/> leaves everything beyond ASCII as it is.
/// </summary>
internal sealed class UnicodeForm
{
    public static readonly UnicodeForm Nfc = new(compatible: false, composes: true, plainBelow: '\u0300');
    public static readonly UnicodeForm Nfd = new(compatible: false, composes: false, plainBelow: '\u00C0');
    public static readonly UnicodeForm Nfkc = new(compatible: true, composes: true, plainBelow: '\u00A0');
    public static readonly UnicodeForm Nfkd = new(compatible: true, composes: false, plainBelow: '\u00A0');

    private readonly bool _compatible;
    private readonly bool _composes;
    private readonly char _lastPlain;

    /// <param name="compatible">Compatibility decompositions too (the K).</param>
    /// <param name="composes">Ends by composing again (the C).</param>
    /// <param name="plainBelow">Characters below stay, are starters, and no character before them changes them.</param>
    private UnicodeForm(bool compatible, bool composes, char plainBelow)
    {
        _compatible = compatible;
        _composes = composes;
        _lastPlain = (char)(plainBelow - 1);
    }

    /// <summary>The text in this form.</summary>
    public string Apply(string text)
    {
        var special = text.AsSpan().IndexOfAnyExceptInRange('\0', _lastPlain);
        if (special < 0)
            return text;

        var result = new StringBuilder(text.Length + 16);
        var points = new List<int>();
        var done = 0;
        while (special >= 0)
        {
            // A part to work on: a plain character, which may be composed with what follows, and all up to the next plain one.
            special += done;
            var start = Math.Max(special - 1, done);
            var length = text.AsSpan(special).IndexOfAnyInRange('\0', _lastPlain);
            var end = length < 0 ? text.Length : special + length;
            result.Append(text, done, start - done);
            Append(text.AsSpan(start, end - start), points, result);
            done = end;
            special = text.AsSpan(done).IndexOfAnyExceptInRange('\0', _lastPlain);
        }
        return result.Append(text, done, text.Length - done).ToString();
    }

    private void Append(ReadOnlySpan<char> part, List<int> points, StringBuilder result)
    {
        points.Clear();
        foreach (var rune in part.EnumerateRunes())
            Decompose(rune.Value, points);
        Order(points);
        if (_composes)
            Compose(points);
        Span<char> pair = stackalloc char[2];
        foreach (var point in points)
            result.Append(pair[..new Rune(point).EncodeToUtf16(pair)]);
    }

    private void Decompose(int point, List<int> points)
    {
        if (Hangul.Parts(point, points))
            return;
        if (DecompositionTable.Instance.Parts(point, _compatible) is { } parts)
            points.AddRange(parts);
        else
            points.Add(point);
    }

    /// <summary>The canonical order: each run of marks by combining class, equal ones as they were.</summary>
    private static void Order(List<int> points)
    {
        var table = DecompositionTable.Instance;
        for (var i = 1; i < points.Count; i++)
        {
            var (point, order) = (points[i], table.Class(points[i]));
            var at = i;
            for (; order > 0 && at > 0 && table.Class(points[at - 1]) > order; at--)
                points[at] = points[at - 1];
            points[at] = point;
        }
    }

    /// <summary>A mark joins the last starter unless something of its class or a higher one, or a starter, stands between.</summary>
    private static void Compose(List<int> points)
    {
        var table = DecompositionTable.Instance;
        var (starter, kept, before) = (-1, 0, 0);
        foreach (var point in points.ToArray())
        {
            var order = table.Class(point);
            if (starter >= 0 && (kept - 1 == starter || before < order)
                && (Hangul.Composed(points[starter], point) ?? table.Composed(points[starter], point)) is { } composed)
            {
                points[starter] = composed;
                continue;
            }
            if (order == 0)
                starter = kept;
            before = order;
            points[kept++] = point;
        }
        points.RemoveRange(kept, points.Count - kept);
    }
}
