using System.Globalization;
using System.Text;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>Python's strftime on Linux in the C locale, with glibc's flags (<c>%-d</c>, <c>%_d</c>, <c>%^a</c>). A local time without a zone: %z and %Z are empty.</summary>
internal static class TimeFormat
{
    public static string Of(DateTime time, string format)
    {
        var written = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                written.Append(format[at]);
                continue;
            }
            var start = at++;
            var (flag, width) = ('\0', 0);
            while (at < format.Length && format[at] is '-' or '_' or '0' or '^' or '#')
                flag = format[at++];
            while (at < format.Length && char.IsAsciiDigit(format[at]) && width < 1000)
                width = width * 10 + format[at++] - '0';
            if (at < format.Length && format[at] is 'E' or 'O')
                at++;
            var field = at < format.Length ? Field(time, format[at]) : null;
            written.Append(field is { } found ? Shown(found, flag, width) : format[start..Math.Min(format.Length, at + 1)]);
        }
        return written.ToString();
    }

    /// <summary>A field's text, and for a number the width and the blank that it is filled up with.</summary>
    private static (string Text, int Width, char Fill)? Field(DateTime time, char letter) => letter switch
    {
        'Y' => (Number(time.Year), 0, '0'),
        'C' => (Number(time.Year / 100), 2, '0'),
        'y' => (Number(time.Year % 100), 2, '0'),
        'm' => (Number(time.Month), 2, '0'),
        'd' => (Number(time.Day), 2, '0'),
        'e' => (Number(time.Day), 2, ' '),
        'H' => (Number(time.Hour), 2, '0'),
        'k' => (Number(time.Hour), 2, ' '),
        'I' => (Number((time.Hour + 11) % 12 + 1), 2, '0'),
        'l' => (Number((time.Hour + 11) % 12 + 1), 2, ' '),
        'M' => (Number(time.Minute), 2, '0'),
        'S' => (Number(time.Second), 2, '0'),
        'f' => (time.ToString("ffffff", CultureInfo.InvariantCulture), 6, '0'),
        'j' => (Number(time.DayOfYear), 3, '0'),
        'u' => (Number(((int)time.DayOfWeek + 6) % 7 + 1), 1, '0'),
        'w' => (Number((int)time.DayOfWeek), 1, '0'),
        'U' => (Number((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7), 2, '0'),
        'W' => (Number((time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7), 2, '0'),
        'V' => (Number(ISOWeek.GetWeekOfYear(time)), 2, '0'),
        'G' => (Number(ISOWeek.GetYear(time)), 4, '0'),
        'g' => (Number(ISOWeek.GetYear(time) % 100), 2, '0'),
        's' => (Number((long)(time - DateTime.UnixEpoch).TotalSeconds), 1, '0'),
        _ => Words(time, letter) is { } words ? (words, 0, ' ') : null,
    };

    private static string? Words(DateTime time, char letter) => letter switch
    {
        'A' => CultureInfo.InvariantCulture.DateTimeFormat.DayNames[(int)time.DayOfWeek],
        'a' => CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames[(int)time.DayOfWeek],
        'B' => CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[time.Month - 1],
        'b' or 'h' => CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames[time.Month - 1],
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'c' => Of(time, "%a %b %e %H:%M:%S %Y"),
        'x' or 'D' => Of(time, "%m/%d/%y"),
        'X' or 'T' => Of(time, "%H:%M:%S"),
        'F' => Of(time, "%Y-%m-%d"),
        'R' => Of(time, "%H:%M"),
        'r' => Of(time, "%I:%M:%S %p"),
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string Shown((string Text, int Width, char Fill) field, char flag, int width)
    {
        var text = flag switch
        {
            '^' => field.Text.ToUpperInvariant(),
            '#' => field.Text.Any(char.IsLower) && field.Text.Any(char.IsUpper) ? field.Text.ToUpperInvariant() : field.Text.ToLowerInvariant(),
            _ => field.Text,
        };
        var fill = flag switch { '_' => ' ', '0' => '0', _ => field.Fill };
        return text.PadLeft(Math.Max(width, flag == '-' ? 0 : field.Width), fill);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
