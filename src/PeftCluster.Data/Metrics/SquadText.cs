using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Metrics;

/// <summary>
/// What of an answer counts, by SQuAD's evaluation script (evaluate-v2.0.py, normalize_answer; Rajpurkar et al. 2016, arXiv:1606.05250): lower
/// case, no ASCII punctuation, no English article, single spaces. Unusual: letters, cases and spaces are Python's, so that scores can be
/// compared; the script removes no other punctuation („“, 。) and touches no accent.
/// </summary>
internal static class SquadText
{
    /// <summary>The words that are left, in order.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        var word = new List<int>();
        // An article is a run of letters and digits of its own; what stands on both sides of it becomes two words.
        foreach (var run in Runs(WithoutPunctuation(LetterCase.Lower(text))))
        {
            if (IsArticle(run) || IsSpace(run[0]))
                Close(word, words);
            else
                word.AddRange(run);
        }
        Close(word, words);
        return words;
    }

    private static int[] WithoutPunctuation(string text) => [.. CodePoints.Numbers(text).Where(number => number > 127 || !char.IsPunctuation((char)number) && !char.IsSymbol((char)number))];

    /// <summary>Runs of word letters (Python's \w), and whatever is none by itself.</summary>
    private static IEnumerable<int[]> Runs(int[] text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && TextKinds.IsWordLetter(text[end]))
                end++;
            end = Math.Max(end, start + 1);
            yield return text[start..end];
            start = end;
        }
    }

    private static bool IsArticle(ReadOnlySpan<int> run) => run is ['a'] or ['a', 'n'] or ['t', 'h', 'e'];

    private static bool IsSpace(int number) => number <= char.MaxValue && PythonText.IsSpace((char)number);

    private static void Close(List<int> word, List<string> words)
    {
        if (word.Count > 0)
            words.Add(CodePoints.Text(word));
        word.Clear();
    }
}
