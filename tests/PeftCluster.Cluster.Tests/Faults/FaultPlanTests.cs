using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public void A_plan_is_read_as_it_was_written()
    {
        var plan = new FaultPlan(7, "/tmp/fired", [new Fault(FaultPoint.BeforeSend, FaultAction.Kill) { At = 3 }, new Fault(FaultPoint.DiskAppend, FaultAction.DiskFull) { Of = "journal-", Skip = 2 }]);
        var read = FaultPlan.Parse(plan.ToJson(), "faults.json");
        Assert.Equal(plan.Faults, read.Faults);
        Assert.Equal((7, "/tmp/fired"), (read.Seed, read.Log));
    }

    [Fact]
    public void Names_are_those_of_the_documentation()
    {
        var plan = FaultPlan.Parse("""{"seed":1,"log":"/tmp/fired","faults":[{"point":"run.computing","action":"kill","at":4},{"point":"worker.while_sending","action":"bad_checksum"}]}""", "faults.json");
        Fault[] expected = [new("run.computing", FaultAction.Kill) { At = 4 }, new(FaultPoint.WhileSending, FaultAction.BadChecksum)];
        Assert.Equal(expected, plan.Faults);
    }

    [Theory]
    [InlineData("""{"seed":1,"log":"/tmp/fired","faults":[{"point":"run.dreaming","action":"kill"}]}""", "run.dreaming")]
    [InlineData("""{"seed":1,"log":"/tmp/fired","faults":[{"point":"run.computing","action":"explode"}]}""", "no fault plan")]
    [InlineData("""{"seed":1,"log":"/tmp/fired","faults":[{"point":"run.computing","action":"kill","when":4}]}""", "when")]
    [InlineData("""{"seed":1}""", "no fault plan")]
    [InlineData("", "no fault plan")]
    public void What_is_no_plan_is_refused_in_one_line(string json, string says)
    {
        var refused = Assert.Throws<BadInputException>(() => FaultPlan.Parse(json, "faults.json"));
        Assert.StartsWith("faults.json: ", refused.Message);
        Assert.Contains(says, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
