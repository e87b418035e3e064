using PeftCluster.Steps.Safetensors;
using PeftCluster.Tests;

namespace PeftCluster.Steps.Tests.Safetensors;

/// <summary>
/// Files that PyTorch's own writer made, written again: equal bytes. The folder is that of PEFTCLUSTER_GOLDEN, or the committed copy.
/// </summary>
public sealed class SafetensorsGoldenTests
{
    [Fact]
    public void A_file_written_again_has_equal_bytes()
    {
        var files = Directory.GetFiles(GoldenFolder.Of("models"), "*.safetensors", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            var header = SafetensorsHeader.Read(new MemoryStream(bytes), file);
            using var again = new MemoryStream();
            SafetensorsWriter.Write(again, header.Tensors.Reverse().Select(tensor => new SafetensorsTensor(tensor.Name, tensor.Type, tensor.Shape,
                () => bytes.AsSpan((int)(header.DataStart + tensor.Begin), (int)tensor.Length))), header.Metadata);
            Assert.True(again.ToArray().AsSpan().SequenceEqual(bytes), file);
        }
    }

    [Fact]
    public void Tensors_are_ordered_by_format_then_by_name()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream,
        [
            new("half", SafetensorsType.F16, [1], () => new byte[2]),
            SafetensorsTensor.Of("b", [2], new float[] { 1, 2 }),
            new("count", SafetensorsType.I64, [], () => new byte[8]),
            SafetensorsTensor.Of("a", [1], new float[] { 3 }),
        ]);
        stream.Position = 0;
        var header = SafetensorsHeader.Read(stream, "f");
        Assert.Equal(["count", "a", "b", "half"], header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(0, header.DataStart % 8);
        Assert.Equal("pt", header.Metadata["format"]);
    }

    [Fact]
    public void Bytes_that_do_not_fill_the_shape_are_a_bug_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Stream.Null, [SafetensorsTensor.Of("a", [3], new float[2])]));
}
