using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Queue;

namespace PeftCluster.Cluster.Tests.Queue;

public sealed class EventLogTests
{
    [Fact]
    public void Every_event_of_a_long_run_can_be_had_and_memory_holds_the_newest_only()
    {
        const int Steps = 10 * EventLog.BlockLength + 7;
        using var log = Filled(Steps);
        Assert.Equal(Steps, log.Count);
        Assert.InRange(log.Count - log.InFile, EventLog.BlockLength, 2 * EventLog.BlockLength);
        foreach (var number in new[] { 0, 1, EventLog.BlockLength - 1, EventLog.BlockLength, 3 * EventLog.BlockLength + 5, 0, Steps - 1 })
            Assert.Equal(Step(number), (StepCommitted)log[number], Same);
    }

    [Fact]
    public void What_is_written_reads_as_it_was_with_losses_that_are_no_numbers()
    {
        using var log = Filled(1);
        log.Add(Step(1) with { Loss = double.NaN, GradientNorm = double.PositiveInfinity });
        for (var number = 2; number < 3 * EventLog.BlockLength; number++)
            log.Add(new RunWarning($"warning {number}") { About = "cpu:0" });
        Assert.True(log.InFile > 2);
        Assert.Equal((double.NaN, double.PositiveInfinity), (((StepCommitted)log[1]).Loss, ((StepCommitted)log[1]).GradientNorm));
        Assert.Equal(new RunWarning("warning 2") { About = "cpu:0" }, log[2]);
    }

    [Fact]
    public void After_all_but_the_last_were_dropped_it_goes_on_and_no_file_is_open()
    {
        using var log = Filled(4 * EventLog.BlockLength);
        log.KeepLast();
        Assert.Equal((1, 0), (log.Count, log.InFile));
        Assert.Equal(Step(4 * EventLog.BlockLength - 1), (StepCommitted)log[0], Same);
        for (var number = 0; number < 3 * EventLog.BlockLength; number++)
            log.Add(Step(number));
        Assert.Equal(Step(5), (StepCommitted)log[6], Same);
    }

    private static EventLog Filled(int steps)
    {
        var log = new EventLog();
        for (var step = 0; step < steps; step++)
            log.Add(Step(step));
        return log;
    }

    private static StepCommitted Step(int step) => new(step, 9_999, step / 7.0, 1.0 / (step + 1), 1e-3, 0.1 * step, 77, 0.25, [new WorkerShare("cpu:0", [step, step + 1], 3.5)]);

    // Records compare lists by reference.
    private static bool Same(StepCommitted one, StepCommitted other) =>
        one with { Workers = other.Workers } == other && one.Workers.Single().Shards.SequenceEqual(other.Workers.Single().Shards);
}
