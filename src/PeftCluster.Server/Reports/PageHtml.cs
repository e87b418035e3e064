using System.Globalization;
using System.Net;
using System.Text;

namespace PeftCluster.Server.Reports;

/// <summary>What pages are made of: one file without a script and without an address of anything elsewhere. Texts are encoded here, but where it is said.</summary>
internal static class PageHtml
{
    private static readonly string _style = ReadStyle();

    /// <summary>Everything up to the page's first part.</summary>
    /// <param name="name">The heading.</param>
    /// <param name="title">What a browser shows behind it, encoded.</param>
    /// <param name="subtitle">A line below the heading, encoded.</param>
    /// <param name="ownStyle">Rules besides those of all pages.</param>
    public static StringBuilder Begin(string name, string title, string subtitle, string ownStyle = "") =>
        new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(name)}{title}</title>
            <style>
            {_style}{ownStyle}</style>
            </head>
            <body>
            <h1>{Text(name)}</h1>
            <p class="soft">{subtitle}</p>

            """);

    /// <summary>The whole page.</summary>
    public static string End(StringBuilder page) => page.Append("</body>\n</html>\n").ToString();

    /// <summary>Writes a page. Beside the old one first: whoever has it open never sees half of a new one.</summary>
    public static void Write(string path, string html)
    {
        var temporary = $"{path}.new";
        File.WriteAllText(temporary, html, new UTF8Encoding(false));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>A share of 0 to 1.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    public static void Tile(StringBuilder page, string figure, string what) =>
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"tile\"><b>{Text(figure)}</b><span>{Text(what)}</span></div>\n");

    /// <summary>A list under a heading; nothing where there is no item.</summary>
    public static void List(StringBuilder page, string heading, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(heading)}</h2>\n<ul>\n");
        foreach (var item in items)
            page.Append(CultureInfo.InvariantCulture, $"<li>{Text(item)}</li>\n");
        page.Append("</ul>\n");
    }

    /// <summary>A drawing with its caption.</summary>
    public static void Figure(StringBuilder page, string caption, string svg, bool wide) => page
        .Append(CultureInfo.InvariantCulture, $"<figure{(wide ? " class=\"wide\"" : "")}>\n<figcaption>{Text(caption)}</figcaption>\n")
        .Append(svg)
        .Append("</figure>\n");

    public static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string ReadStyle()
    {
        using var stream = typeof(PageHtml).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
