using System.Net;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>HTML back to text: MarkupSafe's striptags and unescape.</summary>
internal static class Markups
{
    public static string Unescape(string text) => WebUtility.HtmlDecode(text);

    /// <summary>Comments and tags go, white space becomes one blank, entities become their letters.</summary>
    public static string StripTags(string text, Budget budget)
    {
        text = Without(Without(text, "<!--", "-->", budget), "<", ">", budget);
        return Unescape(string.Join(' ', text.Split(PythonText.Spaces.ToCharArray(), StringSplitOptions.RemoveEmptyEntries)));
    }

    private static string Without(string text, string open, string close, Budget budget)
    {
        for (var start = text.IndexOf(open, StringComparison.Ordinal); start >= 0; start = text.IndexOf(open, start, StringComparison.Ordinal))
        {
            var end = text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0)
                break;
            budget.Step(1 + text.Length / 256);
            text = text.Remove(start, end + close.Length - start);
        }
        return text;
    }
}
