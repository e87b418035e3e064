using System.Text;
using System.Text.RegularExpressions;

namespace PeftCluster.Quickstart.Make.Tokens;

/// <summary>
/// Learns a byte-level vocabulary (Sennrich et al., arXiv 1508.07909): put a space before each text, split it into words as GPT-2 does, start with
/// the 256 bytes, and again and again join the two neighbours that occur most often. Of equals the first in ordinal order
/// is taken, so that the result depends on the text only.
/// </summary>
internal static partial class BytePairTrainer
{
    /// <summary>The vocabulary: the 256 bytes, and what each merge makes, in the order learnt.</summary>
    /// <param name="texts">What is learnt from.</param>
    /// <param name="merges">How many merges.</param>
    /// <returns>The pairs, as GPT-2's alphabet names them; fewer where nothing occurs twice any more.</returns>
    public static IReadOnlyList<(string Left, string Right)> Learn(IEnumerable<string> texts, int merges)
    {
        var words = Split(texts);
        var learnt = new List<(string Left, string Right)>();
        while (learnt.Count < merges && MostFrequent(words) is { } pair)
        {
            learnt.Add(pair);
            foreach (var word in words)
                Join(word.Pieces, pair);
        }
        return learnt;
    }

    // GPT-2's pattern.
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex WordPattern();

    private static List<(List<string> Pieces, int Count)> Split(IEnumerable<string> texts) =>
        [.. texts.SelectMany(text => WordPattern().Matches($" {text}").Select(match => match.Value))
            .GroupBy(word => word, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (Encoding.UTF8.GetBytes(group.Key).Select(ByteNames.Of).ToList(), group.Count()))];

    private static (string Left, string Right)? MostFrequent(List<(List<string> Pieces, int Count)> words)
    {
        var counts = new Dictionary<(string Left, string Right), int>();
        foreach (var (pieces, count) in words)
        {
            for (var i = 1; i < pieces.Count; i++)
                counts[(pieces[i - 1], pieces[i])] = counts.GetValueOrDefault((pieces[i - 1], pieces[i])) + count;
        }
        return counts.Where(pair => pair.Value > 1)
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key.Left, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Right, StringComparer.Ordinal)
            .Select(pair => ((string, string)?)pair.Key)
            .FirstOrDefault();
    }

    private static void Join(List<string> pieces, (string Left, string Right) pair)
    {
        for (var i = 0; i + 1 < pieces.Count; i++)
        {
            if (pieces[i] != pair.Left || pieces[i + 1] != pair.Right)
                continue;
            pieces[i] = pair.Left + pair.Right;
            pieces.RemoveAt(i + 1);
        }
    }
}
