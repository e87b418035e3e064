using PeftCluster.Cluster.Faults;
using PeftCluster.Server.Chaos;

namespace PeftCluster.Server.Tests.Chaos;

public sealed class BuiltInRowsTests
{
    [Fact]
    public void Every_row_has_a_name_of_its_own_and_says_where_it_strikes()
    {
        Assert.Equal(BuiltInRows.All.Count, BuiltInRows.All.Select(row => row.Fault).Distinct().Count());
        Assert.All(BuiltInRows.All, row => Assert.NotEmpty(row.Point));
    }

    [Fact]
    public void Every_fault_strikes_at_a_point_that_exists() =>
        Assert.All(BuiltInRows.All.SelectMany(row => row.Plant.Values).SelectMany(faults => faults), fault => Assert.Contains(fault.Point, FaultPoint.All));
}
