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
    public string Apply(string text) => Apply(new PlacedText(text, null)).Text;

    /// <summary>The text in this form. What a point came from it keeps when it moves; one that was composed came from all its parts.</summary>
    public PlacedText Apply(PlacedText source)
    {
        var text = source.Text;
        var special = text.AsSpan().IndexOfAnyExceptInRange('\0', _lastPlain);
        if (special < 0)
            return source;

        var result = new PlacedBuilder(source);
        var points = new List<PlacedPoint>();
        var done = 0;
        while (special >= 0)
        {
            // A part to work on: a plain character, which may be composed with what follows, and all up to the next plain one.
            special += done;
            var start = Math.Max(special - 1, done);
            var length = text.AsSpan(special).IndexOfAnyInRange('\0', _lastPlain);
            var end = length < 0 ? text.Length : special + length;
            result.Copy(done, start);
            Append(source, start, end, points, result);
            done = end;
            special = text.AsSpan(done).IndexOfAnyExceptInRange('\0', _lastPlain);
        }
        result.Copy(done, text.Length);
        return result.Built();
    }

    private void Append(PlacedText source, int start, int end, List<PlacedPoint> points, PlacedBuilder result)
    {
        points.Clear();
        var parts = new List<int>();
        foreach (var rune in source.Text.AsSpan(start, end - start).EnumerateRunes())
            Decompose(rune.Value, source.PlaceOf(start, start += rune.Utf16SequenceLength), parts, points);
        Order(points);
        if (_composes)
            Compose(points);
        Span<char> pair = stackalloc char[2];
        foreach (var (point, place) in points)
        {
            result.Text.Append(pair[..new Rune(point).EncodeToUtf16(pair)]);
            result.PlaceAt(place);
        }
    }

    private void Decompose(int point, TextSpan place, List<int> parts, List<PlacedPoint> points)
    {
        parts.Clear();
        if (!Hangul.Parts(point, parts))
            parts.AddRange(DecompositionTable.Instance.Parts(point, _compatible) ?? [point]);
        foreach (var part in parts)
            points.Add(new PlacedPoint(part, place));
    }

    /// <summary>The canonical order: each run of marks by combining class, equal ones as they were.</summary>
    private static void Order(List<PlacedPoint> points)
    {
        var table = DecompositionTable.Instance;
        for (var i = 1; i < points.Count; i++)
        {
            var (moved, order) = (points[i], table.Class(points[i].Point));
            var at = i;
            for (; order > 0 && at > 0 && table.Class(points[at - 1].Point) > order; at--)
                points[at] = points[at - 1];
            points[at] = moved;
        }
    }

    /// <summary>A mark joins the last starter unless something of its class or a higher one, or a starter, stands between.</summary>
    private static void Compose(List<PlacedPoint> points)
    {
        var table = DecompositionTable.Instance;
        var (starter, kept, before) = (-1, 0, 0);
        foreach (var (point, place) in points.ToArray())
        {
            var order = table.Class(point);
            if (starter >= 0 && (kept - 1 == starter || before < order)
                && (Hangul.Composed(points[starter].Point, point) ?? table.Composed(points[starter].Point, point)) is { } composed)
            {
                points[starter] = new PlacedPoint(composed, points[starter].Place.With(place));
                continue;
            }
            if (order == 0)
                starter = kept;
            before = order;
            points[kept++] = new PlacedPoint(point, place);
        }
        points.RemoveRange(kept, points.Count - kept);
    }

    /// <summary>A code point and what it came from.</summary>
    private readonly record struct PlacedPoint(int Point, TextSpan Place);
}
