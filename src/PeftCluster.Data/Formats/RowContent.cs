using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace PeftCluster.Data.Formats;

/// <summary>
/// A row's content as a hash of 128 bits: of the columns that the format reads and of nothing else, so a row with another number in an id
/// column is the same row. How the file writes it does not count: escapes, the order of keys, the container. A column that is missing, null
/// or empty is the same.
/// </summary>
internal sealed class RowContent(IReadOnlyList<string> columns)
{
    private readonly XxHash128 _hash = new();

    /// <param name="row">An object.</param>
    /// <exception cref="InvalidOperationException">A text in it is not Unicode.</exception>
    public UInt128 Of(JsonElement row)
    {
        _hash.Reset();
        foreach (var column in columns)
        {
            if (row.TryGetProperty(column, out var value) && value.ValueKind != JsonValueKind.Null)
                Add(value);
            else
                Add('s', "");
        }
        return _hash.GetCurrentHashAsUInt128();
    }

    private void Add(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Add('s', value.GetString()!);
                break;
            case JsonValueKind.Array:
                Add('a', value.GetArrayLength());
                foreach (var element in value.EnumerateArray())
                    Add(element);
                break;
            case JsonValueKind.Object:
                var properties = value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal).ToList();
                Add('o', properties.Count);
                foreach (var property in properties)
                {
                    Add('s', property.Name);
                    Add(property.Value);
                }
                break;
            default:
                Add('v', value.GetRawText());
                break;
        }
    }

    private void Add(char kind, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(kind, bytes.Length);
        _hash.Append(bytes);
    }

    /// <summary>What stands before a value: its kind and its size, so no two rows run into one another.</summary>
    private void Add(char kind, int size)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], size);
        _hash.Append(head);
    }
}
