using System.Globalization;
using System.Text.Json;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// JSON from a stream, value by value or token by token: memory holds the one that is read, at most 16 MB. The reader of System.Text.Json works
/// on what is in the buffer and goes on from its state; where a value is not whole yet, more is read.
/// </summary>
internal sealed class JsonText(Stream stream, string path)
{
    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = true };

    private byte[] _buffer = new byte[1 << 16];
    private JsonReaderState _state = new(Options);
    private int _start;
    private int _end;
    private bool _ended;
    private bool _begun;

    /// <summary>How many rows were read; the reader of rows counts.</summary>
    public int Rows { get; set; }

    /// <summary>The next byte that is no white space and no comma; null at the end. What it belongs to is not read yet.</summary>
    public char? Peek()
    {
        for (var at = _start; ; at++)
        {
            if (at == _end && !Fill(ref at))
                return null;
            if (_buffer[at] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)','))
                return (char)_buffer[at];
        }
    }

    /// <summary>The whole value that starts here, to be disposed; null, and nothing is read, where it is longer than 16 MB.</summary>
    public JsonDocument? Value()
    {
        while (true)
        {
            try
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start.._end), _ended, _state);
                if (reader.Read() && JsonDocument.TryParseValue(ref reader, out var document))
                {
                    if (reader.BytesConsumed <= JsonLines.MostRowBytes)
                    {
                        Move(ref reader);
                        return document;
                    }
                    document.Dispose();
                }
            }
            catch (JsonException broken)
            {
                throw NotJson(broken);
            }
            if (_end - _start > JsonLines.MostRowBytes)
                return null;
            if (_ended)
                throw NotJson(null);
            More();
        }
    }

    /// <summary>Passes one token.</summary>
    public JsonTokenType Token() => Token(out _);

    /// <summary>Passes a property's name.</summary>
    public string Name() => Token(out var name) == JsonTokenType.PropertyName ? name! : throw Broken("a name was expected.");

    /// <summary>Passes the value that starts here, whatever its size, as long as no text in it is longer than 16 MB.</summary>
    public void Skip()
    {
        var depth = 0;
        do
        {
            depth += Token() switch
            {
                JsonTokenType.StartArray or JsonTokenType.StartObject => 1,
                JsonTokenType.EndArray or JsonTokenType.EndObject => -1,
                _ => 0,
            };
        }
        while (depth > 0);
    }

    public BadInputException TooLong() => Broken("the row is longer than 16 MB. Shorten it.");

    public BadInputException Broken(string what, Exception? cause = null)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{path}: row {Rows + 1}: {what}");
        return cause is null ? new BadInputException(line) : new BadInputException(line, cause);
    }

    private JsonTokenType Token(out string? name)
    {
        while (true)
        {
            try
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start.._end), _ended, _state);
                if (reader.Read())
                {
                    name = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
                    Move(ref reader);
                    return reader.TokenType;
                }
            }
            catch (Exception broken) when (broken is JsonException or InvalidOperationException) // the latter: a name that is not Unicode
            {
                throw NotJson(broken);
            }
            if (_ended)
                throw NotJson(null);
            if (_end - _start > JsonLines.MostRowBytes)
                throw Broken("a text is longer than 16 MB. Is the file JSON?");
            More();
        }
    }

    private void Move(ref Utf8JsonReader reader)
    {
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    private void More()
    {
        var end = _end;
        Fill(ref end);
    }

    /// <summary>Reads more behind what is not used yet; false at the file's end. What lies at <paramref name="at"/> may move, and that with it.</summary>
    private bool Fill(ref int at)
    {
        if (_ended)
            return false;
        var room = _end - _start == _buffer.Length ? new byte[_buffer.Length * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, room, 0, _end - _start);
        (_buffer, at, _end, _start) = (room, at - _start, _end - _start, 0);
        // The whole room is filled: a value that is not whole yet is tried again after every read.
        var wanted = _buffer.Length - _end;
        var read = stream.ReadAtLeast(_buffer.AsSpan(_end), wanted, throwOnEndOfStream: false);
        _end += read;
        _ended = read < wanted;
        if (!_begun && _buffer.AsSpan(0, _end).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            (_start, at) = (3, 3);
        _begun = true;
        return at < _end;
    }

    private BadInputException NotJson(Exception? cause) => Broken(
        "the text is not JSON from here on, or the file is cut off, so nothing after it can be read. Mend it, or write JSON Lines, where a line spoils no other.", cause);
}
