using CsCheck;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Jobs.Tests.Lifecycle;

/// <summary>What holds for a job whatever is asked of it, in any order.</summary>
public sealed class JobHistoryTests
{
    private static readonly JobSubmitted Submitted = new(JobId.Parse("01JDB8QK3V5W7Y9ZACEGJMPRTV"), DateTimeOffset.UnixEpoch);

    private static readonly Gen<JobCommand> Command = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Enum<EndReason>(), (kind, attempt, reason) => kind switch
    {
        0 or 1 => (JobCommand)new StartJob(),
        2 => new PauseJob(),
        3 or 4 => new ResumeJob(),
        5 => new ReportRunning(attempt),
        6 => new ReportPaused(attempt, attempt),
        7 => new ReportLost(attempt),
        8 => new ReportEnded(attempt, reason, "as it went"),
        _ => new CancelJob("by ada"),
    });

    private static readonly Gen<List<JobCommand>> Commands = Command.List[0, 30];

    [Fact]
    public void Replaying_the_events_gives_the_same_job() => Commands.Sample(
        commands =>
        {
            var (job, events) = Live(commands);
            Assert.Equal(job, Job.Replay(Submitted, events));
        },
        iter: 3000, seed: "0N0XIzNsQ0O2", threads: 1);

    [Fact]
    public void An_ended_job_has_a_reason_and_refuses_everything() => Gen.Select(Commands, Command).Sample(
        (commands, more) =>
        {
            var (job, _) = Live(commands);
            Assert.Equal(job.HasEnded, job.Phase is JobPhase.Completed or JobPhase.Failed or JobPhase.Cancelled);
            if (!job.HasEnded)
                return;
            Assert.Equal(job.Phase, job.End!.Value.Phase());
            Assert.False(string.IsNullOrWhiteSpace(job.Why));
            Assert.IsType<Decision.Refused>(job.Decide(more, DateTimeOffset.UnixEpoch));
        },
        iter: 3000, seed: "0N0XIzNsQ0O2", threads: 1);

    [Fact]
    public void Attempts_count_the_starts_and_each_phase_begins_when_its_event_happened() => Commands.Sample(
        commands =>
        {
            var (job, events) = Live(commands);
            Assert.Equal(events.OfType<AttemptStarted>().Count(), job.Attempt);
            Assert.Equal(events.Prepend(Submitted).Last().At, job.Since);
        },
        iter: 3000, seed: "0N0XIzNsQ0O2", threads: 1);

    /// <summary>The commands one after the other, a minute apart; what is refused changes nothing.</summary>
    private static (Job Job, List<JobEvent> Events) Live(List<JobCommand> commands)
    {
        var job = Job.From(Submitted);
        var events = new List<JobEvent>();
        foreach (var (minute, command) in commands.Index())
        {
            if (job.Decide(command, DateTimeOffset.UnixEpoch.AddMinutes(minute + 1)) is not Decision.Accepted accepted)
                continue;
            events.AddRange(accepted.Events);
            job = accepted.Events.Aggregate(job, (state, happened) => state.Apply(happened));
        }
        return (job, events);
    }
}
