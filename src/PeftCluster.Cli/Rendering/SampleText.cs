using System.Globalization;
using PeftCluster.Data.Preflight;
using Spectre.Console;

namespace PeftCluster.Cli.Rendering;

/// <summary>
/// A row as the model gets it. What is read and not learnt is grey, what is learnt green, special tokens are underlined; without colours what is learnt
/// stands between ⟦ and ⟧. Of a row with choices the prompt comes first, then a line for each choice, with a star at the right one.
/// </summary>
internal static class SampleText
{
    /// <summary>The text of the row.</summary>
    public static void WriteText(IAnsiConsole console, SampleRow row)
    {
        var paragraph = new Paragraph();
        var learnt = false;
        foreach (var (place, token) in row.Tokens.Index())
        {
            if (row.Choices.FirstOrDefault(choice => choice.Start == place) is { } begins)
            {
                paragraph.Append($"{(learnt ? "⟧" : "")}\n{(begins.Right ? "*" : "-")} ", Style.Plain);
                learnt = false;
            }
            if (token.Label != learnt)
                paragraph.Append(token.Label ? "⟦" : "⟧", Style.Plain);
            learnt = token.Label;
            paragraph.Append(Visible(token.Text).ReplaceLineEndings("⏎\n"), StyleOf(token));
        }
        paragraph.Append($"{(learnt && row.Left == 0 ? "⟧" : "")}{(row.Left > 0 ? $" … {Figures.Count(row.Left)} more tokens" : "")}\n", Style.Plain);
        WriteUnbroken(console, paragraph);
    }

    /// <summary>The text, then a line for each token: its place, its id, whether it is learnt, itself.</summary>
    public static void WriteTokens(IAnsiConsole console, SampleRow row)
    {
        WriteLine(console, Heading(row));
        console.WriteLine();
        WriteText(console, row);
        console.WriteLine();
        var paragraph = new Paragraph();
        paragraph.Append(" place      id  learnt  token\n", new Style(decoration: Decoration.Bold));
        foreach (var (place, token) in row.Tokens.Index())
        {
            var start = string.Create(CultureInfo.InvariantCulture, $"{place,6}  {token.Id,6}  {Learnt(row, place, token),-6}  ");
            paragraph.Append(start, Style.Plain).Append(Visible(token.Special ? token.Text : Quoted(token.Text)), StyleOf(token)).Append("\n", Style.Plain);
        }
        WriteUnbroken(console, paragraph);
    }

    /// <summary>A line that the console does not break: a file's lines are whole, and a terminal breaks its own.</summary>
    public static void WriteLine(IAnsiConsole console, string line) => console.Profile.Out.Writer.WriteLine(line);

    /// <summary>Where a row stands, and how much of it is learnt.</summary>
    public static string Heading(SampleRow row) =>
        $"{row.Set}, row {Figures.Count(row.Row)} of {Figures.Count(row.Rows)}{(row.Template is { } template ? $", template {template}" : "")}   {row.Place}   {Figures.Count(row.Tokens.Count + row.Left)} tokens, {Figures.Count(row.Labels)} learnt";

    private static string Learnt(SampleRow row, int place, SampleToken token) =>
        token.Label ? "yes" : row.Choices.Any(choice => place >= choice.Start && place < choice.End) ? "wrong" : "-";

    private static Style StyleOf(SampleToken token) =>
        new(token.Label ? Color.Green : Color.Grey, decoration: token.Special ? Decoration.Underline : Decoration.None);

    /// <summary>Control characters of the data as Unicode's pictures of them (␛): none may reach the terminal, where it could move the cursor or hide text.</summary>
    private static string Visible(string text) => !text.Any(IsHidden) ? text : string.Create(text.Length, text, (shown, source) =>
    {
        for (var i = 0; i < shown.Length; i++)
            shown[i] = !IsHidden(source[i]) ? source[i] : source[i] < ' ' ? (char)('␀' + source[i]) : '␡';
    });

    private static bool IsHidden(char letter) => char.IsControl(letter) && letter is not ('\n' or '\r');

    // A character that takes several tokens stands at the last of them.
    private static string Quoted(string text) => text.Length == 0
        ? "(a part of a character)"
        : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>A file's lines are not broken.</summary>
    private static void WriteUnbroken(IAnsiConsole console, Paragraph paragraph)
    {
        var width = console.Profile.Width;
        if (!console.Profile.Capabilities.Ansi)
            console.Profile.Width = int.MaxValue / 4;
        console.Write(paragraph);
        console.Profile.Width = width;
    }
}
