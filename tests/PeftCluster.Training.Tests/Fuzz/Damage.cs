using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Training.Tests.Fuzz;

/// <summary>Damages files: bytes as disks, cables and editors do, and JSON as people and other programs do.</summary>
internal sealed class Damage(long seed, int number)
{
    private static readonly string[] Values =
    [
        "0", "-1", "1", "7", "64", "4096", "99999", "2147483647", "2147483648", "9223372036854775807", "1e30", "1e999", "-1e-9", "0.5", "3.0000001", "null", "true", "false", "\"\"", "\"x\"",
        "\"gelu\"", "\"llama\"", "\"t5\"", "\"bert\"", "[]", "{}", "[1,2]", "[\"q\",\"v\"]", "{\"a\":{\"b\":[{}]}}", "\"\\ud800\"", "\"line\\nbreak\"", "\"(a+)+$\"", "[null]", "{\"rope_type\":\"yarn\",\"factor\":0}",
    ];

    private readonly PhiloxStream _random = new(seed, "damaged files", (ulong)number);

    /// <summary>What was done, for messages.</summary>
    public List<string> Done { get; } = [];

    /// <summary>Any bytes.</summary>
    public byte[] Bytes(byte[] whole)
    {
        var bytes = whole.ToList();
        for (var times = 1 + _random.NextBelow(3); times > 0; times--)
            Once(bytes);
        return [.. bytes];
    }

    /// <summary>A JSON object: a value, a key or a whole part of it; now and then its bytes.</summary>
    public byte[] Json(byte[] whole)
    {
        if (_random.NextBelow(4) == 0)
            return Bytes(whole);
        var root = JsonNode.Parse(whole)!.AsObject();
        for (var times = 1 + _random.NextBelow(2); times > 0; times--)
            Once(root);
        return Encoding.UTF8.GetBytes(Unquoted(root.ToJsonString()));
    }

    /// <summary>A safetensors file: its header as JSON with the right length before it, or anything in it as bytes.</summary>
    public byte[] Safetensors(byte[] whole)
    {
        if (_random.NextBelow(2) == 0)
            return Bytes(whole);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);
        var header = Json(whole[8..(8 + length)]);
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        return [.. prefix, .. header, .. whole[(8 + length)..]];
    }

    private void Once(List<byte> bytes)
    {
        // Half of the damage falls on the start, where headers are.
        var near = bytes.Count == 0 ? 0 : _random.NextBelow(2) == 0 ? _random.NextBelow(bytes.Count) : _random.NextBelow(Math.Min(bytes.Count, 400));
        var length = Math.Min(bytes.Count - near, 1 + _random.NextBelow(40));
        var kind = bytes.Count == 0 ? 3 : _random.NextBelow(6);
        Done.Add($"kind {kind} at {near}, {length} bytes");
        switch (kind)
        {
            case 0:
                bytes[near] ^= (byte)(1 << _random.NextBelow(8));
                break;
            case 1:
                bytes[near] = (byte)_random.NextBelow(256);
                break;
            case 2:
                bytes.RemoveRange(near, length);
                break;
            case 3:
                bytes.InsertRange(near, Enumerable.Range(0, 1 + _random.NextBelow(40)).Select(_ => (byte)_random.NextBelow(256)).ToArray());
                break;
            case 4:
                bytes.InsertRange(near, bytes.GetRange(near, length));
                break;
            default:
                bytes.RemoveRange(near, bytes.Count - near);
                break;
        }
    }

    private void Once(JsonObject root)
    {
        var objects = All(root).ToList();
        var place = objects[_random.NextBelow(objects.Count)];
        if (place.Count == 0)
        {
            place["new"] = 1;
            return;
        }
        var key = place.ElementAt(_random.NextBelow(place.Count)).Key;
        var kind = _random.NextBelow(5);
        Done.Add($"kind {kind} of {key}");
        switch (kind)
        {
            case 0:
                place.Remove(key);
                break;
            case 1:
                place[key + "x"] = place[key]?.DeepClone();
                place.Remove(key);
                break;
            default:
                // Not every text is a value that JsonNode would take: it is put in after writing.
                place[key] = "@@" + Convert.ToHexString(Encoding.UTF8.GetBytes(Values[_random.NextBelow(Values.Length)])) + "@@";
                break;
        }
    }

    private static IEnumerable<JsonObject> All(JsonObject root) => root.Select(pair => pair.Value).OfType<JsonObject>().SelectMany(All).Prepend(root);

    private static string Unquoted(string json)
    {
        for (var start = json.IndexOf("\"@@", StringComparison.Ordinal); start >= 0; start = json.IndexOf("\"@@", StringComparison.Ordinal))
        {
            var end = json.IndexOf("@@\"", start, StringComparison.Ordinal);
            json = json[..start] + Encoding.UTF8.GetString(Convert.FromHexString(json[(start + 3)..end])) + json[(end + 3)..];
        }
        return json;
    }
}
