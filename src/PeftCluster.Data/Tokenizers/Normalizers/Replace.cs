using System.Text;
using PeftCluster.Data.Tokenizers.Patterns;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Replace: every match becomes a text, which is taken as it is (no groups).</summary>
internal sealed class Replace(TextPattern pattern, string content) : INormalizer
{
    public string Normalize(string text)
    {
        var (result, done) = ((StringBuilder?)null, 0);
        foreach (var (start, end) in pattern.In(text))
        {
            result ??= new StringBuilder(text.Length);
            result.Append(text, done, start - done).Append(content);
            done = end;
        }
        return result is null ? text : result.Append(text, done, text.Length - done).ToString();
    }
}
