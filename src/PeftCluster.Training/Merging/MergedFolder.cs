using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Merging;

/// <summary>
/// A model folder with an adapter folded in: the base's weight files one for one, each tensor under its name and in its format, and the files
/// beside them. Tensors pass one at a time, so that the largest of them is what it costs.
/// </summary>
internal sealed class MergedFolder(string baseFolder, WeightFiles files, ModelConfig config, MergedWeights merged)
{
    private const int BufferLength = 1 << 20;

    // Weights in other formats, which would be the base's still, and lists of their parts.
    private static readonly string[] OtherWeights = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".gguf", ".onnx", ".npz", ".index.json"];

    /// <summary>Writes the folder's files.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="cancellation">Polled between tensors.</param>
    public void Write(string folder, CancellationToken cancellation)
    {
        var changed = merged.Changed.ToDictionary(files.NameIn, StringComparer.Ordinal);
        foreach (var file in files.Files)
        {
            var header = files.HeaderOf(file);
            using var stream = new FileStream(Path.Combine(folder, Path.GetFileName(file)), FileMode.CreateNew, FileAccess.Write);
            SafetensorsWriter.Write(stream, header.Tensors.Select(entry => SafetensorsTensor.Of(entry.Name, entry.Type, entry.Shape, output =>
            {
                cancellation.ThrowIfCancellationRequested();
                if (changed.TryGetValue(entry.Name, out var name))
                    WriteMerged(output, name, entry.Type);
                else
                    CopyBytes(output, file, header.DataStart + entry.Begin, entry.Length);
            })), header.Metadata);
            stream.Flush(flushToDisk: true);
        }
        foreach (var file in Directory.GetFiles(baseFolder).Where(IsBeside))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    /// <summary>The formats of the changed weights.</summary>
    public IEnumerable<SafetensorsType> Types => merged.Changed.Select(name => files.Find(name, config.Weights[name]).Entry.Type).Distinct();

    // A folder with one weight file needs no index, though it may have one.
    private bool IsBeside(string file) => Path.GetFileName(file) == WeightFiles.Index
        ? Path.GetFileName(files.Files[0]) != WeightFiles.Single
        : !OtherWeights.Any(end => file.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private void WriteMerged(Stream output, string name, SafetensorsType type)
    {
        using var scope = NewDisposeScope();
        using var whole = merged.Take(name);
        var stored = whole.to(Formats.Of(type)!.Value).contiguous();
        foreach (var part in WeightStore.Parts(stored))
            output.Write(part.bytes);
    }

    private static void CopyBytes(Stream output, string file, long offset, long length)
    {
        using var source = File.OpenHandle(file, options: FileOptions.SequentialScan);
        var buffer = new byte[BufferLength];
        while (length > 0)
        {
            var read = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)), offset);
            if (read == 0)
                throw new EndOfStreamException($"{file}: became shorter while it was read.");
            output.Write(buffer.AsSpan(0, read));
            (offset, length) = (offset + read, length - read);
        }
    }
}
