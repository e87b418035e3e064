using System.IO.Compression;
using PeftCluster.Jobs;
using ZstdSharp;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// The bytes of a data file, unpacked as they are read: never the whole file, so a small file that unpacks to a huge one costs time, not
/// memory. Damage becomes the user's one line. That gzip says so where a file is cut off needs strict validation (Directory.Build.props): by
/// default the rows that are missing would be missing silently.
/// </summary>
internal sealed class DataStream : Stream
{
    private readonly Stream _inner;
    private readonly string _path;
    private readonly Packing _packing;

    private DataStream(Stream inner, string path, Packing packing) => (_inner, _path, _packing) = (inner, path, packing);

    /// <param name="packed">The file's bytes; stays open.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="packing">How it is packed.</param>
    public static Stream Unpack(Stream packed, string path, Packing packing) => packing switch
    {
        Packing.Gzip => new DataStream(new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true), path, packing),
        Packing.Zstandard => new DataStream(new DecompressionStream(packed), path, packing),
        _ => new DataStream(packed, path, packing),
    };

    /// <summary>A stream that can seek: the unpacked bytes in a file that goes away with it.</summary>
    public static Stream Seekable(Stream unpacked)
    {
        var file = new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        using (unpacked)
            unpacked.CopyTo(file);
        file.Position = 0;
        return file;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _inner.Read(buffer);
        }
        catch (Exception damage) when (damage is InvalidDataException or EndOfStreamException or ZstdException)
        {
            var kind = _packing == Packing.Gzip ? "gzip" : "zstd";
            throw new BadInputException($"{_path}: the {kind} data is damaged or cut off: {OneLine.Of(damage.Message).TrimEnd('.')}. Copy or pack the file again.", damage);
        }
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _packing != Packing.None)
            _inner.Dispose();
        base.Dispose(disposing);
    }
}
