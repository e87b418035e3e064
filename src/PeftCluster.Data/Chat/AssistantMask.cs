using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Chat;

/// <summary>
/// Which tokens of a text the assistant says: transformers' rule. From the first token that covers a span's first char to the first that
/// covers its last; so of a character of several byte tokens at the span's end only the first counts. Where the last is token 0 or none, the
/// mask runs to the end; a start that no token covers ends the search.
/// </summary>
public static class AssistantMask
{
    /// <param name="tokens">What each token covers of the text.</param>
    public static bool[] Of(IReadOnlyList<TextSpan> spans, IReadOnlyList<TextSpan> tokens)
    {
        var mask = new bool[tokens.Count];
        foreach (var span in spans)
        {
            var (first, last) = (Covering(span.Start), Covering(span.End - 1));
            if (first < 0)
                break;
            Array.Fill(mask, true, first, Math.Max(0, (last > 0 ? last + 1 : tokens.Count) - first));
        }
        return mask;

        int Covering(int place)
        {
            for (var index = 0; index < tokens.Count; index++)
            {
                if (tokens[index].Start <= place && place < tokens[index].End)
                    return index;
            }
            return -1;
        }
    }
}
