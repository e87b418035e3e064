using System.Runtime.InteropServices;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Tests;

/// <summary>Numbers of a golden safetensors file, read whole. Test projects that know Steps link this file in.</summary>
internal sealed class GoldenTensors
{
    private readonly byte[] _bytes;
    private readonly SafetensorsHeader _header;

    private GoldenTensors(byte[] bytes, SafetensorsHeader header) => (_bytes, _header) = (bytes, header);

    public static GoldenTensors Load(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return new GoldenTensors(bytes, SafetensorsHeader.Read(new MemoryStream(bytes), file));
    }

    public IEnumerable<string> Names => _header.Tensors.Select(tensor => tensor.Name);

    public IReadOnlyList<long> Shape(string name) => Entry(name).Shape;

    public float[] Floats(string name) => Read<float>(name, SafetensorsType.F32);

    /// <summary>A tensor as it lies in the file.</summary>
    public ReadOnlySpan<byte> Bytes(string name) => _bytes.AsSpan((int)(_header.DataStart + Entry(name).Begin), (int)Entry(name).Length);

    public long[] Longs(string name) => Read<long>(name, SafetensorsType.I64);

    private T[] Read<T>(string name, SafetensorsType type) where T : unmanaged
    {
        var entry = Entry(name);
        Assert.Equal(type, entry.Type);
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan((int)(_header.DataStart + entry.Begin), (int)entry.Length)).ToArray();
    }

    private SafetensorsEntry Entry(string name) => _header.Tensors.Single(tensor => tensor.Name == name);
}
