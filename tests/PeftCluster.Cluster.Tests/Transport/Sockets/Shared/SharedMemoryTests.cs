using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Transport.Sockets.Shared;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Transport.Sockets.Shared;

/// <summary>Nothing runs beside these: the files of the whole process are looked at, and every new connection has one for a moment.</summary>
[CollectionDefinition(nameof(SharedMemoryTests), DisableParallelization = true)]
[Collection(nameof(SharedMemoryTests))]
public sealed class SharedMemoryTests
{
    private const string Layout = "layout";

    private static readonly VectorAddress _address = new("job", 1, 3, TreeNode.Leaf(0), "cpu:0");

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_of_one_host_shares_memory_and_leaves_no_file()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "this system has no /dev/shm");
        await using var pair = await SocketPair.StartAsync(SocketPair.Shared);
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.True(SharesMemory());
        Assert.Empty(Directory.GetFiles("/dev/shm", $"peft-{Environment.ProcessId}-*.ring"));
    }

    [Theory, InlineData("../etc/passwd"), InlineData("peft-1-1.ring/../x"), InlineData(""), InlineData("peft-1-1.ring\n"), InlineData("peft-99999999-1.ring")]
    public void What_is_no_such_memory_is_not_opened(string name) => Assert.Null(SharedMemory.Open(name));

    [Fact]
    public void A_file_of_another_length_is_not_opened()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "this system has no /dev/shm");
        var path = $"/dev/shm/peft-{Environment.ProcessId}-2000000000.ring";
        File.WriteAllBytes(path, [1]);
        try
        {
            Assert.Null(SharedMemory.Open(Path.GetFileName(path)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_by_the_next()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "this system has no /dev/shm");
        // No process has this number: it is above what the system gives.
        const string Left = "/dev/shm/peft-2000000000-1.ring";
        File.WriteAllBytes(Left, [1]);
        using var memory = SharedMemory.Create()!;
        memory.Unlink();
        Assert.False(File.Exists(Left));
    }

    private static bool SharesMemory() => File.ReadLines("/proc/self/maps").Any(line => line.Contains($"/dev/shm/peft-{Environment.ProcessId}-", StringComparison.Ordinal));
}
