using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Plugins;

/// <summary>
/// A plugin's assembly as bytes, looked at before any of it runs: is it one, what was it built against, what does it bring along, and what is the
/// hash of all that. What is hashed is what is loaded: nobody reads the file a second time. Native libraries and files that a plugin opens by itself are not seen.
/// </summary>
internal sealed class PluginFile
{
    private PluginFile(string path, string name, byte[] bytes, IReadOnlyDictionary<string, byte[]> own)
    {
        (Path, Name, Bytes, Own) = (path, name, bytes, own);
        var hash = Hash(bytes);
        Sha256 = own.Count == 0 ? hash : Hash(Encoding.UTF8.GetBytes(string.Concat(
            own.Select(one => $"{Hash(one.Value)}  {one.Key}\n").Prepend($"{hash}  {name}\n"))));
    }

    public string Path { get; }

    /// <summary>The assembly's simple name.</summary>
    public string Name { get; }

    public byte[] Bytes { get; }

    /// <summary>Assemblies that it needs, that this program lacks and that lie beside it, by simple name.</summary>
    public IReadOnlyDictionary<string, byte[]> Own { get; }

    /// <summary>SHA-256 of the file; where it brings assemblies along, of a line "HASH  NAME" for it and for each of them.</summary>
    public string Sha256 { get; }

    /// <exception cref="BadInputException">There is no such file, it is no .NET assembly, or it was built against something else than this program.</exception>
    public static PluginFile Read(string path)
    {
        var (bytes, name, needs) = ReadOne(path);
        var own = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var open = new Queue<AssemblyName>(needs);
        while (open.TryDequeue(out var need))
        {
            if (HostAssemblies.Has(need.Name!))
            {
                HostAssemblies.CheckVersion(path, need);
                continue;
            }
            if (own.ContainsKey(need.Name!))
                continue;
            var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $"{need.Name}.dll");
            if (!File.Exists(beside))
                throw new BadInputException($"{path}: needs {need.Name} {need.Version}, which is neither a part of this program nor beside it. Copy {need.Name}.dll to it.");
            var (part, _, further) = ReadOne(beside);
            own[need.Name!] = part;
            foreach (var one in further)
                open.Enqueue(one);
        }
        return new PluginFile(path, name, bytes, own);
    }

    private static (byte[] Bytes, string Name, AssemblyName[] Needs) ReadOne(string path)
    {
        var bytes = ReadBytes(path);
        try
        {
            using var image = new PEReader(new MemoryStream(bytes, writable: false));
            if (image.HasMetadata && image.GetMetadataReader() is { IsAssembly: true } metadata)
                return (bytes, metadata.GetString(metadata.GetAssemblyDefinition().Name), [.. metadata.AssemblyReferences.Select(one => metadata.GetAssemblyReference(one).GetAssemblyName())]);
        }
        catch (BadImageFormatException)
        {
            // Said below, as of a native library.
        }
        throw new BadInputException($"{path}: is no .NET assembly. Name the .dll that your class library's project builds.");
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{path}: no such file. Build the plugin, or correct the path.", missing);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {(Directory.Exists(path) ? "it is a folder. Name the .dll in it." : unreadable.Message)}", unreadable);
        }
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
