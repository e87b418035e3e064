using System.Text.RegularExpressions;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>Python's textwrap.wrap, with tabs and white space left as they are.</summary>
internal static partial class WrappedText
{
    public static IEnumerable<string> Of(string line, int width, bool breakLong, bool breakHyphens)
    {
        if (width <= 0)
            throw new TemplateFailure($"invalid width {width} (must be > 0)");
        var pieces = new Stack<string>((breakHyphens ? Words() : Blanks()).Split(line).Where(piece => piece.Length > 0).Reverse());
        var any = false;
        while (pieces.Count > 0)
        {
            var (taken, length) = (new List<string>(), 0);
            if (any && IsBlank(pieces.Peek()))
                pieces.Pop();
            while (pieces.TryPeek(out var piece) && length + CodePoints.Length(piece) <= width)
            {
                taken.Add(pieces.Pop());
                length += CodePoints.Length(piece);
            }
            if (pieces.TryPeek(out var tooLong) && CodePoints.Length(tooLong) > width)
                Break(pieces, taken, width - length, width, breakLong, breakHyphens);
            if (taken.Count > 0 && IsBlank(taken[^1]))
                taken.RemoveAt(taken.Count - 1);
            if (taken.Count > 0)
            {
                any = true;
                yield return string.Concat(taken);
            }
        }
    }

    /// <summary>A piece that fits no line: cut where the line ends, behind a hyphen if it has one there, or given a line of its own.</summary>
    private static void Break(Stack<string> pieces, List<string> taken, int space, int width, bool breakLong, bool breakHyphens)
    {
        space = width < 1 ? 1 : space;
        if (!breakLong)
        {
            if (taken.Count == 0)
                taken.Add(pieces.Pop());
            return;
        }
        var piece = pieces.Pop();
        var end = space;
        if (breakHyphens && CodePoints.Length(piece) > space)
        {
            var hyphen = space > 0 ? piece.LastIndexOf('-', CodePoints.CharOf(piece, space) - 1) : -1;
            if (hyphen > 0 && piece.AsSpan(0, hyphen).IndexOfAnyExcept('-') >= 0)
                end = CodePoints.Before(piece, hyphen) + 1;
        }
        var at = CodePoints.CharOf(piece, end);
        taken.Add(piece[..at]);
        pieces.Push(piece[at..]);
    }

    private static bool IsBlank(string piece) => piece.All(PythonText.IsSpace);

    [GeneratedRegex("""([\t\n\v\f\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[\w!"'&.,?]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|\z)|(?<=[\w!"'&.,?])(?=-{2,}\w)))""", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    [GeneratedRegex("([\t\n\v\f\r ]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
