using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Jobs.Tests.Lifecycle;

/// <summary>Every phase against every command, and what the words say.</summary>
public sealed class JobTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly JobId Id = JobId.Parse("01JDB8QK3V5W7Y9ZACEGJMPRTV");

    /// <summary>The commands of the table's columns, as of the attempt that the job is at.</summary>
    private static readonly (string Column, Func<int, JobCommand> Command)[] Columns =
    [
        ("start", _ => new StartJob()),
        ("pause", _ => new PauseJob()),
        ("resume", _ => new ResumeJob()),
        ("cancel", _ => new CancelJob("by ada")),
        ("is-running", attempt => new ReportRunning(attempt)),
        ("is-paused", attempt => new ReportPaused(attempt, 62)),
        ("is-done", attempt => new ReportEnded(attempt, EndReason.AllStepsDone, "96 steps")),
        ("has-failed", attempt => new ReportEnded(attempt, EndReason.Diverged, "loss not finite at step 9")),
        ("has-stopped", attempt => new ReportEnded(attempt, EndReason.Cancelled, "at step 62")),
        ("is-lost", attempt => new ReportLost(attempt)),
    ];

    /// <summary>A way into each phase.</summary>
    private static readonly Dictionary<string, JobCommand[]> WaysInto = new()
    {
        ["queued"] = [],
        ["starting"] = [new StartJob()],
        ["running"] = [new StartJob(), new ReportRunning(1)],
        ["pausing"] = [new StartJob(), new ReportRunning(1), new PauseJob()],
        ["paused"] = [new PauseJob()],
        ["stopping"] = [new StartJob(), new CancelJob("by ada")],
        ["completed"] = [new StartJob(), new ReportRunning(1), new ReportEnded(1, EndReason.AllStepsDone, "96 steps")],
        ["failed"] = [new StartJob(), new ReportEnded(1, EndReason.WorkersFailed, "no worker")],
        ["cancelled"] = [new CancelJob("by ada")],
    };

    [Theory]
    //                      start    pause   resume cancel    is-running is-paused is-done   has-failed has-stopped is-lost
    [InlineData("queued     starting paused  -      cancelled -          -         -         -          -           -")]
    [InlineData("starting   -        pausing -      stopping  running    -         -         failed     -           paused")]
    [InlineData("running    -        pausing -      stopping  -          -         completed failed     -           paused")]
    [InlineData("pausing    -        -       -      stopping  -          paused    completed failed     -           paused")]
    [InlineData("paused     -        -       queued cancelled -          -         -         -          -           -")]
    [InlineData("stopping   -        -       -      -         -          -         completed cancelled  cancelled   cancelled")]
    [InlineData("completed  -        -       -      -         -          -         -         -          -           -")]
    [InlineData("failed     -        -       -      -         -          -         -         -          -           -")]
    [InlineData("cancelled  -        -       -      -         -          -         -         -          -           -")]
    public void Each_command_leads_where_the_table_says(string row)
    {
        var cells = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var job = After(WaysInto[cells[0]]);

        Assert.Equal(cells[0], Word(job));
        Assert.Equal(cells[1..], Columns.Select(column => job.Decide(column.Command(job.Attempt), Noon) switch
        {
            Decision.Accepted accepted => Word(accepted.Events.Aggregate(job, (state, happened) => state.Apply(happened))),
            _ => "-",
        }));
    }

    [Fact]
    public void The_table_has_every_command_and_every_phase()
    {
        var commands = typeof(JobCommand).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JobCommand)) && !type.IsAbstract);

        Assert.Equal(commands.ToHashSet(), Columns.Select(column => column.Command(1).GetType()).ToHashSet());
        Assert.Equal(Enum.GetNames<JobPhase>().Select(name => name.ToLowerInvariant()), WaysInto.Keys);
    }

    [Fact]
    public void A_report_of_an_earlier_attempt_is_refused()
    {
        var again = After(new StartJob(), new ReportLost(1), new ResumeJob(), new StartJob(), new ReportRunning(2));

        Assert.Equal(2, again.Attempt);
        Assert.Equal("the report is of attempt 1, and the job is at attempt 2.", Refusal(again, new ReportEnded(1, EndReason.AllStepsDone, "96 steps")));
    }

    [Fact]
    public void Each_refusal_says_what_the_job_does_now()
    {
        Assert.Equal("a job that is running cannot resume.", Refusal(After(WaysInto["running"]), new ResumeJob()));
        Assert.Equal("the job is running, and nobody asked to cancel it.", Refusal(After(WaysInto["running"]), new ReportEnded(1, EndReason.WorkerAbandoned, "x")));
        Assert.Equal("the job is failed: no worker. An ended job stays as it is; submit a new one.", Refusal(After(WaysInto["failed"]), new StartJob()));
    }

    [Fact]
    public void What_goes_wrong_while_a_job_stops_is_told_but_is_not_the_reason()
    {
        var job = After(new StartJob(), new ReportRunning(1), new CancelJob("by ada"), new ReportEnded(1, EndReason.StorageFailed, "disk full"));

        Assert.Equal((JobPhase.Cancelled, EndReason.Cancelled, "by ada; while stopping: disk full"), (job.Phase, job.End, job.Why));
    }

    [Fact]
    public void A_worker_that_hung_is_the_reason_of_a_cancelled_job()
    {
        var job = After(new StartJob(), new CancelJob("by ada"), new ReportEnded(1, EndReason.WorkerAbandoned, "worker 2 hung in step 9"));

        Assert.Equal((JobPhase.Cancelled, EndReason.WorkerAbandoned, "worker 2 hung in step 9"), (job.Phase, job.End, job.Why));
    }

    [Theory]
    [InlineData(EndReason.Fenced)]
    [InlineData(EndReason.CoordinatorSilent)]
    public void What_only_one_process_has_lost_sight_of_does_not_end_the_job(EndReason reason) =>
        Assert.Equal($"{reason.Name()} is no end of a job.", Refusal(After(WaysInto["running"]), new ReportEnded(1, reason, "x")));

    [Fact]
    public void An_attempt_whose_number_was_taken_by_a_process_that_died_is_skipped()
    {
        Assert.Equal(3, After(new StartJob(AtLeast: 3)).Attempt);
        Assert.Equal(2, After(new StartJob(), new ReportLost(1), new ResumeJob(), new StartJob(AtLeast: 1)).Attempt);
    }

    [Fact]
    public void The_time_of_a_phase_comes_from_the_command()
    {
        var decision = Assert.IsType<Decision.Accepted>(Job.From(new JobSubmitted(Id, Noon)).Decide(new StartJob(), Noon.AddHours(1)));

        Assert.Equal(Noon.AddHours(1), Assert.Single(decision.Events).At);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_end_without_a_word_is_a_fault_of_the_caller(string nothing)
    {
        Assert.Throws<ArgumentException>(() => new CancelJob(nothing));
        Assert.Throws<ArgumentException>(() => new ReportEnded(1, EndReason.Diverged, nothing));
    }

    [Fact]
    public void Each_reason_has_its_end_its_stored_number_and_its_name() => Assert.Equal(
        [
            "0 all_steps_done completed", "1 diverged failed", "2 hardware_disagreement failed", "3 workers_failed failed", "4 storage_failed failed",
            "5 bad_input failed", "6 internal_error failed", "7 cancelled cancelled", "8 worker_abandoned cancelled",
            "9 early_stopped completed", "10 fenced failed", "11 coordinator_silent failed",
        ],
        Enum.GetValues<EndReason>().Select(reason => $"{(int)reason} {reason.Name()} {reason.Phase().ToString().ToLowerInvariant()}"));

    private static Job After(params JobCommand[] commands) => commands.Aggregate(
        Job.From(new JobSubmitted(Id, Noon)),
        (job, command) => Assert.IsType<Decision.Accepted>(job.Decide(command, Noon)).Events.Aggregate(job, (state, happened) => state.Apply(happened)));

    private static string Refusal(Job job, JobCommand command) => Assert.IsType<Decision.Refused>(job.Decide(command, Noon)).Reason;

    private static string Word(Job job) => job.Phase.ToString().ToLowerInvariant();
}
