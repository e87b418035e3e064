using System.Buffers.Binary;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's precompiled_charsmap: rules from bytes to bytes. The blob is the length of a trie, the trie (a double
/// array of darts-clone: 32-bit units, see its darts.h), and the texts that rules give, each ended by a zero byte; what
/// the trie gives for a rule is where its text begins.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _trie;
    private readonly byte[] _texts;

    private CharacterMap(uint[] trie, byte[] texts)
    {
        _trie = trie;
        _texts = texts;
    }

    /// <summary>Reads a blob.</summary>
    /// <returns>Null where it is damaged.</returns>
    public static CharacterMap? Read(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < 8)
            return null;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (length == 0 || length % 4 != 0 || length > blob.Length - 4)
            return null;
        var trie = new uint[length / 4];
        for (var i = 0; i < trie.Length; i++)
            trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(4 + i * 4)..]);
        return new CharacterMap(trie, blob[(4 + (int)length)..].ToArray());
    }

    /// <summary>A rule for a prefix of the text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="longest">The longest prefix that has a rule, else the shortest.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="replacement">UTF-8 of what it becomes.</param>
    public bool Find(ReadOnlySpan<byte> text, bool longest, out int length, out ReadOnlySpan<byte> replacement)
    {
        (length, var value) = (0, -1);
        var node = Offset(_trie[0]);
        for (var i = 0; i < text.Length && text[i] != 0; i++)
        {
            node ^= text[i];
            // A damaged trie may point anywhere: outside of the array there is nothing.
            if (node >= (uint)_trie.Length || (_trie[node] & 0x800000FF) != text[i])
                break;
            var unit = _trie[node];
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 0)
                continue;
            if (node >= (uint)_trie.Length)
                break;
            (length, value) = (i + 1, (int)(_trie[node] & 0x7FFFFFFF));
            if (!longest)
                break;
        }
        if (value < 0 || value > _texts.Length)
        {
            replacement = default;
            return false;
        }
        var rest = _texts.AsSpan(value);
        replacement = rest.IndexOf((byte)0) is >= 0 and var end ? rest[..end] : rest;
        return true;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1 << 9)) >> 6);
}
