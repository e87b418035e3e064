namespace PeftCluster.Quickstart.Make.Tokens;

/// <summary>
/// GPT-2's names of bytes: printable Latin-1 stands for itself, the others are U+0100 and up in order ("Ġ" is the space).
/// Source: <c>bytes_to_unicode</c> in openai/gpt-2, encoder.py.
/// </summary>
internal static class ByteNames
{
    private static readonly string[] Names = Build();

    /// <summary>All 256, printable ones first, as GPT-2 numbers them.</summary>
    public static IEnumerable<string> All =>
        Enumerable.Range(0, 256).Where(Printable).Concat(Enumerable.Range(0, 256).Where(value => !Printable(value))).Select(value => Names[value]);

    public static string Of(byte value) => Names[value];

    private static bool Printable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static string[] Build()
    {
        var next = (char)0x100;
        return [.. Enumerable.Range(0, 256).Select(value => (Printable(value) ? (char)value : next++).ToString())];
    }
}
