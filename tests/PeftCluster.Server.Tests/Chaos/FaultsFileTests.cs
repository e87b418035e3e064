using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Chaos;

namespace PeftCluster.Server.Tests.Chaos;

public sealed class FaultsFileTests
{
    [Fact]
    public void A_row_says_what_is_planted_where_and_what_must_hold()
    {
        var row = Assert.Single(FaultsFile.Parse("""
            rows:
              - fault: two workers die together
                workers: 4
                plant:
                  worker1: [{point: worker.before_send, action: kill, at: 3}]
                  worker2: [{point: worker.after_send, action: kill, at: 3}]
                within: 60
            """, "faults.yaml"));

        Assert.Equal(("two workers die together", 4, EndReason.AllStepsDone, ChaosReaction.None), (row.Fault, row.Workers, row.Ends, row.Reaction));
        Assert.Equal(TimeSpan.FromSeconds(60), row.Within);
        Assert.Equal(new Fault(FaultPoint.BeforeSend, FaultAction.Kill, At: 3), Assert.Single(row.Plant["worker1"]));
        Assert.Equal(new Fault(FaultPoint.AfterSend, FaultAction.Kill, At: 3), Assert.Single(row.Plant["worker2"]));
    }

    [Fact]
    public void A_row_may_end_otherwise_and_have_a_reaction()
    {
        var row = Assert.Single(FaultsFile.Parse("""
            rows:
              - fault: frozen, and the disk is full
                reaction: continue
                seconds: 3
                ends: storage_failed
                says: Make room
                plant:
                  coordinator: [{point: disk.append, action: disk_full, of: journal-, skip: 2}]
            """, "faults.yaml"));

        Assert.Equal((ChaosReaction.Continue, 3.0, EndReason.StorageFailed, "Make room"), (row.Reaction, row.Seconds, row.Ends, row.Says));
    }

    [Theory]
    [InlineData("", "no rows")]
    [InlineData("rows: []", "no rows")]
    [InlineData("row: [{fault: a}]", "1: \"row\" is no key here")]
    [InlineData("rows:\n  - fault: a\n    plan: {}", "3: \"plan\" is no key here")]
    [InlineData("rows:\n  - plant: {}", "2: a row needs a name")]
    [InlineData("rows:\n  - fault: a\n    plant:\n      worker1: [{point: worker.sleeping, action: kill}]", "4: no fault strikes at \"worker.sleeping\"")]
    [InlineData("rows:\n  - fault: a\n    plant:\n      worker1: [{point: worker.before_send, action: explode}]", "4: action: \"explode\" is unknown")]
    [InlineData("rows:\n  - fault: a\n    seconds: soon", "3: seconds: soon is no number")]
    [InlineData("rows:\n  - fault: [", "not valid YAML")]
    public void A_mistake_is_one_line_with_its_place(string text, string says)
    {
        var refused = Assert.Throws<BadInputException>(() => FaultsFile.Parse(text, "faults.yaml"));
        Assert.StartsWith("faults.yaml:", refused.Message);
        Assert.Contains(says, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
