using System.Buffers;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// GPT-2's alphabet: every byte has one printable character, so that a vocabulary file can name any bytes as text.
/// Printable Latin-1 stands for itself; the other 68 bytes are U+0100 and up, in order ("Ġ" is the space).
/// Source: <c>bytes_to_unicode</c> in openai/gpt-2, encoder.py.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = Build();
    private static readonly Dictionary<char, byte> ByteOfChar =
        CharOfByte.Select((character, value) => (character, value)).ToDictionary(pair => pair.character, pair => (byte)pair.value);

    public static char CharOf(byte value) => CharOfByte[value];

    /// <summary>The bytes as a vocabulary names them.</summary>
    public static string Name(ReadOnlySpan<byte> bytes)
    {
        var name = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            name[i] = CharOfByte[bytes[i]];
        return new string(name);
    }

    /// <summary>
    /// The bytes that a token stands for. A token with a character outside of the alphabet (an added token with a
    /// space, say) stands for its own UTF-8 text, as in Hugging Face's ByteLevel decoder.
    /// </summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(token.Length, 1));
        foreach (var character in token)
        {
            if (!ByteOfChar.TryGetValue(character, out var value))
                return System.Text.Encoding.UTF8.GetBytes(token);
            bytes.Write([value]);
        }
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Whether the byte can occur in UTF-8 text at all.</summary>
    public static bool OccursInText(byte value) => value is not (0xC0 or 0xC1 or >= 0xF5);

    private static char[] Build()
    {
        var characters = new char[256];
        var next = (char)0x100;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = printable ? (char)value : next++;
        }
        return characters;
    }
}
