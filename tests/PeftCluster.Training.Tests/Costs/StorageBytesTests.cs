using PeftCluster.Steps.Layout;
using PeftCluster.Training.Costs;

namespace PeftCluster.Training.Tests.Costs;

/// <summary>What has to be kept for a task.</summary>
public sealed class StorageBytesTests
{
    [Fact]
    public void Padding_takes_no_room_in_a_file() =>
        Assert.Equal(4 * (3 + 10), StorageBytes.OfAdapter(VectorLayout.Of([("a", [3], new ParameterGroup()), ("b", [2, 5], new ParameterGroup())])));

    [Fact]
    public void An_id_takes_four_bytes() => Assert.Equal(12, StorageBytes.OfShots(new ExampleTokens(100, 5, 3)));
}
