using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>
/// What each token covers of a text, worked out from the ids alone: byte-level tokens by their bytes, SentencePiece's by their letters. The
/// one normalization in the golden texts is an e with its accent behind it, which NFC puts together.
/// </summary>
internal static class TokenPlaces
{
    public static IReadOnlyList<TextSpan> Of(string tokenizer, string text, int[] ids)
    {
        var file = JsonNode.Parse(File.ReadAllText(GoldenFolder.Of("tokenizers", tokenizer, "tokenizer.json")))!;
        var added = file["added_tokens"]!.AsArray().ToDictionary(token => (int)token!["id"]!, token => (string)token!["content"]!);
        var pieces = file["model"]!["vocab"]!.AsObject().ToDictionary(pair => (int)pair.Value!, pair => pair.Key);
        var byteLevel = (string?)file["decoder"]!["type"] == "ByteLevel";
        var (bytes, chars) = Bytes(text, compose: byteLevel);

        var (places, at, begins) = (new List<TextSpan>(), 0, true);
        foreach (var id in ids)
        {
            var part = added.TryGetValue(id, out var special) ? Encoding.UTF8.GetBytes(special)
                : byteLevel ? [.. ByteAlphabet.BytesOf(pieces[id])!]
                : Piece(pieces[id], begins);
            Assert.Equal(part, bytes[at..(at + part.Length)]);
            places.Add(part.Length == 0 ? default : new TextSpan(chars[at].Start, chars[at + part.Length - 1].End));
            at += part.Length;
            begins = special is not null;
        }
        Assert.Equal(bytes.Length, at);
        return places;
    }

    /// <summary>A piece's bytes; the blank that SentencePiece puts before a text is none of them.</summary>
    private static byte[] Piece(string piece, bool begins) => piece is ['<', '0', 'x', _, _, '>']
        ? [byte.Parse(piece.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)]
        : Encoding.UTF8.GetBytes((begins && piece.StartsWith('▁') ? piece[1..] : piece).Replace('▁', ' '));

    private static (byte[] Bytes, List<TextSpan> Chars) Bytes(string text, bool compose)
    {
        var (bytes, chars) = (new List<byte>(), new List<TextSpan>());
        for (var at = 0; at < text.Length;)
        {
            var pair = compose && string.CompareOrdinal(text, at, "e\u0301", 0, 2) == 0;
            var size = pair || char.IsSurrogate(text[at]) ? 2 : 1;
            foreach (var one in Encoding.UTF8.GetBytes(pair ? "é" : text.Substring(at, size)))
            {
                bytes.Add(one);
                chars.Add(new TextSpan(at, at + size));
            }
            at += size;
        }
        return ([.. bytes], chars);
    }
}
