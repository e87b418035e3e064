using System.IO.Compression;
using System.Text;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats;

/// <summary>A folder of data files that a test writes, and how they read.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("peft-formats-").FullName;

    public string PathOf(string name) => Path.Combine(Root, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file, packed as its name says.</summary>
    public string Write(string name, byte[] bytes)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Packed(name, bytes));
        return path;
    }

    public static byte[] Packed(string name, byte[] bytes)
    {
        if (name.EndsWith(".zst", StringComparison.Ordinal))
        {
            using var compressor = new ZstdSharp.Compressor();
            return compressor.Wrap(bytes).ToArray();
        }
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
            return bytes;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>The examples of a file.</summary>
    public static List<Example> Read(string path, Func<DataSpec, DataSpec>? change = null)
    {
        var data = new DataSpec { Train = path };
        return [.. new ExampleReader(path, change?.Invoke(data) ?? data).Read()];
    }

    /// <summary>The one line that a file is refused with.</summary>
    public static string Refusal(string path, Func<DataSpec, DataSpec>? change = null) =>
        Assert.Throws<BadInputException>(() => Read(path, change)).Message;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
