using System.Security.Cryptography;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Hashes of large files are computed once, and again when the file may have changed.</summary>
public sealed class KnownHashesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peft-hashes-").FullName;

    private string Path1 => Path.Combine(_folder, "weights");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_read_once_also_by_the_next_process()
    {
        File.WriteAllText(Path1, "abc");
        Assert.Equal((Sha256Of("abc"), 3, 3L), await OfAsync(Path1));

        Assert.Equal((Sha256Of("abc"), 3, 0L), await OfAsync(Path1));
    }

    [Fact]
    public async Task A_file_of_another_length_or_time_is_read_again()
    {
        File.WriteAllText(Path1, "abc");
        await OfAsync(Path1);
        var time = File.GetLastWriteTimeUtc(Path1);
        File.WriteAllText(Path1, "abcd");
        File.SetLastWriteTimeUtc(Path1, time);
        Assert.Equal((Sha256Of("abcd"), 4, 4L), await OfAsync(Path1));
        File.WriteAllText(Path1, "abce");
        File.SetLastWriteTimeUtc(Path1, time.AddSeconds(1));

        Assert.Equal((Sha256Of("abce"), 4, 4L), await OfAsync(Path1));
    }

    [Fact]
    public async Task A_link_counts_as_the_file_behind_it()
    {
        File.WriteAllText(Path1, "abc");
        await OfAsync(Path1);
        var link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, "weights");

        Assert.Equal((Sha256Of("abc"), 3, 0L), await OfAsync(link));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3 4")]
    [InlineData("BYTES TICKS zz")]
    public async Task A_damaged_note_is_as_good_as_none(string note)
    {
        File.WriteAllText(Path1, "abc");
        await OfAsync(Path1);
        var path = Assert.Single(Directory.GetFiles(Path.Combine(_folder, "cache", "hashes")));
        var words = File.ReadAllText(path).Split(' ');
        File.WriteAllText(path, note.Replace("BYTES", words[0], StringComparison.Ordinal).Replace("TICKS", words[1], StringComparison.Ordinal));

        Assert.Equal((Sha256Of("abc"), 3, 3L), await OfAsync(Path1));
    }

    private async Task<(string Sha256, long Bytes, long Read)> OfAsync(string path)
    {
        var hashes = new KnownHashes(Path.Combine(_folder, "cache"));
        var (sha256, bytes) = await hashes.OfAsync(path, CancellationToken.None);
        return (sha256, bytes, hashes.BytesRead);
    }

    private static string Sha256Of(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
