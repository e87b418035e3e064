using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Persistence;

namespace PeftCluster.Cluster.Tests.Faults;

public sealed class FaultyDiskTests
{
    [Theory]
    [InlineData(FaultPoint.DiskAppend, FaultAction.DiskFull, 15)]
    [InlineData(FaultPoint.DiskSync, FaultAction.FsyncFails, 20)]
    public void An_append_that_fails_leaves_what_the_disk_had_taken(string point, FaultAction action, int left)
    {
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Path, "journal-000001.bin");
        using (var file = Disk(folder, new Fault(point, action) { At = 2 }).Create(path))
        {
            file.Append(new byte[10], sync: true);
            Assert.Throws<IOException>(() => file.Append(new byte[10], sync: true));
        }
        Assert.Equal(left, new FileInfo(path).Length);
    }

    [Theory]
    [InlineData(FaultAction.DiskFull)]
    [InlineData(FaultAction.FsyncFails)]
    public void A_whole_file_that_fails_leaves_the_one_before(FaultAction action)
    {
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Path, "run.json");
        var disk = Disk(folder, new Fault(FaultPoint.DiskWrite, action) { Skip = 1 });
        disk.Write(path, stream => stream.Write([1]));
        Assert.Throws<IOException>(() => disk.Write(path, stream => stream.Write([2])));
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_flipped_bit_is_the_only_difference()
    {
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Path, "snapshot");
        Disk(folder, new Fault(FaultPoint.DiskWrite, FaultAction.Flip)).Write(path, stream => stream.Write(new byte[8]));
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 0], File.ReadAllBytes(path));
    }

    private static FaultyDisk Disk(TestFolder folder, Fault fault) =>
        new(new DiskFiles(), new PlannedFaults(new FaultPlan(7, Path.Combine(folder.Path, "fired"), [fault]), TimeProvider.System));
}
