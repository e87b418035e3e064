using System.Text;
using PeftCluster.Data.Tokenizers.Models;
using PeftCluster.Data.Tokenizers.Normalizers;
using PeftCluster.Data.Tokenizers.Patterns;
using PeftCluster.Data.Tokenizers.PreTokenizers;

namespace PeftCluster.Data.Tokenizers.Decoders;

/// <summary>Sequence: one decoder after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<IDecoder> parts) : IDecoder
{
    public List<string> Decode(List<string> tokens) => parts.Aggregate(tokens, (list, part) => part.Decode(list));
}

/// <summary>No decoder: tokens with a space between two.</summary>
internal sealed class SpaceBetween : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Join(' ', tokens)];
}

/// <summary>Fuse: all tokens are one.</summary>
internal sealed class Fuse : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>ByteLevel: characters of <see cref="ByteAlphabet"/> are bytes. What is no UTF-8 becomes U+FFFD, one for each longest part that could have begun a character.</summary>
internal sealed class ByteLevelDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens) => [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteAlphabet.BytesOf)])];
}

/// <summary>ByteFallback: tokens like &lt;0x0A&gt; in a row are bytes. If they are no UTF-8, each of them becomes U+FFFD.</summary>
internal sealed class ByteFallback : IDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public List<string> Decode(List<string> tokens)
    {
        var (parts, bytes) = (new List<string>(tokens.Count), new List<byte>());
        foreach (var token in tokens)
        {
            if (ByteTokens.ValueOf(token) is { } value)
            {
                bytes.Add(value);
                continue;
            }
            Flush(bytes, parts);
            parts.Add(token);
        }
        Flush(bytes, parts);
        return parts;
    }

    private static void Flush(List<byte> bytes, List<string> parts)
    {
        if (bytes.Count == 0)
            return;
        try
        {
            parts.Add(Strict.GetString([.. bytes]));
        }
        catch (DecoderFallbackException)
        {
            parts.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count));
        }
        bytes.Clear();
    }
}

/// <summary>Metaspace: the mark is a space. Where one was put before the text, the first token loses its marks.</summary>
internal sealed class MetaspaceDecoder(string mark, PrependScheme scheme) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, number) => token.Replace(mark, number == 0 && scheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>WordPiece: a token that goes on a word loses its ##, any other gets a space before it; cleanup takes spaces before signs away, token by token.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : IDecoder
{
    private static readonly (string From, string To)[] Cleanups =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public List<string> Decode(List<string> tokens) => [.. tokens.Select((token, number) => Clean(number == 0 ? token : Join(token)))];

    private string Join(string token) => token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;

    private string Clean(string text) => cleanup
        ? Cleanups.Aggregate(text, (cleaned, pair) => cleaned.Replace(pair.From, pair.To, StringComparison.Ordinal))
        : text;
}

/// <summary>BPEDecoder: the suffix of a word's end is a space, at the text's end nothing.</summary>
internal sealed class SuffixDecoder(string suffix) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, number) => token.Replace(suffix, number == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Replace: every match in a token becomes a text.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : IDecoder
{
    private readonly Normalizers.Replace _replace = new(pattern, content);

    public List<string> Decode(List<string> tokens) => [.. tokens.Select(token => _replace.Normalize(token))];
}

/// <summary>Strip: a token loses a character up to so many times at its start and its end.</summary>
internal sealed class StripDecoder(char content, int start, int stop) : IDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Strip)];

    private string Strip(string token)
    {
        var (first, last) = (0, token.Length);
        while (first < start && first < token.Length && token[first] == content)
            first++;
        while (token.Length - last < stop && last > first && token[last - 1] == content)
            last--;
        return token[first..last];
    }
}
