namespace PeftCluster.Data.Formats;

/// <summary>
/// Text from a user's file inside a message. A message is one line on a terminal: control characters, which could break
/// the line or move the cursor, become spaces, and long text is cut.
/// </summary>
internal static class OneLine
{
    public const int MostPiece = 60;

    public static string Of(string text) =>
        string.Create(text.Length, text, (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        });

    /// <summary>A name or value from the file: cut where it is longer than <see cref="MostPiece"/> chars.</summary>
    public static string Piece(string text) => Of(text.Length > MostPiece ? text[..MostPiece] + "…" : text);
}
