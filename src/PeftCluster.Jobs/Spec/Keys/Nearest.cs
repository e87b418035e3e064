using F23.StringSimilarity;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>Finds the known word that a mistyped one was meant to be.</summary>
internal static class Nearest
{
    private const int LongestCompared = 64;

    /// <summary>" Did you mean X?", or nothing where no word is near: more than a third of the letters away, and more than two.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > LongestCompared)
            return "";
        var distance = new Damerau();
        var nearest = known
            .Select(candidate => (Word: candidate, Away: distance.Distance(word, candidate)))
            .Where(candidate => candidate.Away <= Math.Max(2, candidate.Word.Length / 3.0) && candidate.Away < candidate.Word.Length)
            .OrderBy(candidate => candidate.Away).ThenBy(candidate => candidate.Word, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Word is null ? "" : $" Did you mean {nearest.Word}?";
    }
}
