using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Metrics;

/// <summary>
/// The longest common subsequence of words of two texts (Lin 2004, "ROUGE: a package for automatic evaluation of summaries", section 3.1), as F-measure of
/// LCS ÷ words of the answer and LCS ÷ words expected. Words, no stemmer and equal weights are those of the Python package rouge-score 0.1.2 ("rougeL").
/// Unusual: a word is [a-z0-9]+ after lower-casing, so accents cut words and other scripts have none at all.
/// </summary>
public static class RougeL
{
    /// <returns>0 to 1; 0 where one of them has no words.</returns>
    public static double Of(string answer, string expected)
    {
        var (given, due) = (Words(answer), Words(expected));
        return given.Count == 0 || due.Count == 0 ? 0 : FMeasure.Of(CommonLength(given, due), given.Count, due.Count);
    }

    private static List<string> Words(string text)
    {
        var lower = LetterCase.Lower(text);
        var words = new List<string>();
        for (var start = 0; start < lower.Length;)
        {
            var end = start;
            while (end < lower.Length && (char.IsAsciiLetterLower(lower[end]) || char.IsAsciiDigit(lower[end])))
                end++;
            if (end > start)
                words.Add(lower[start..end]);
            start = end + 1;
        }
        return words;
    }

    /// <summary>The length of the longest list that both hold in this order, gaps allowed; one row of the table at a time.</summary>
    private static int CommonLength(List<string> given, List<string> due)
    {
        var row = new int[due.Count + 1];
        foreach (var word in given)
        {
            var diagonal = 0;
            for (var at = 1; at <= due.Count; at++)
            {
                var above = row[at];
                row[at] = string.Equals(word, due[at - 1], StringComparison.Ordinal) ? diagonal + 1 : Math.Max(above, row[at - 1]);
                diagonal = above;
            }
        }
        return row[due.Count];
    }
}
