using System.Runtime.InteropServices;
using System.Text;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>Puts normalized text together byte by byte, as SentencePiece's rules do, and keeps what each byte came from where somebody asks.</summary>
internal sealed class PlacedBytes
{
    private readonly TextSpan[] _source;
    private readonly List<byte> _bytes;
    private readonly List<TextSpan>? _places;

    /// <param name="source">The text that is normalized.</param>
    /// <param name="capacity">How many bytes are expected.</param>
    public PlacedBytes(TextPiece source, int capacity)
    {
        _source = source.BytePlaces();
        _bytes = new List<byte>(capacity + capacity / 4 + 16);
        _places = source.HasPlaces ? [] : null;
    }

    public ReadOnlySpan<byte> Written => CollectionsMarshal.AsSpan(_bytes);

    /// <summary>Appends bytes that came from so many bytes of the source.</summary>
    public void Write(ReadOnlySpan<byte> bytes, int start, int length)
    {
        _bytes.AddRange(bytes);
        if (_places is not null && !bytes.IsEmpty)
            _places.AddRange(Enumerable.Repeat(PlacedText.Joined(_source.AsSpan(start, length)), bytes.Length));
    }

    public void RemoveLast(int count)
    {
        _bytes.RemoveRange(_bytes.Count - count, count);
        _places?.RemoveRange(_places.Count - count, count);
    }

    /// <summary>The bytes as text: what is not UTF-8 becomes U+FFFD.</summary>
    public PlacedText Built()
    {
        var text = Encoding.UTF8.GetString(Written);
        if (_places is null)
            return new PlacedText(text, null);
        var (places, at) = (new List<TextSpan>(text.Length), 0);
        while (at < _bytes.Count)
        {
            Rune.DecodeFromUtf8(Written[at..], out var rune, out var length);
            places.AddRange(Enumerable.Repeat(PlacedText.Joined(CollectionsMarshal.AsSpan(_places).Slice(at, length)), rune.Utf16SequenceLength));
            at += length;
        }
        return new PlacedText(text, [.. places]);
    }
}
