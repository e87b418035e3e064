using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Client;

/// <summary>
/// One run's conversation with the coordinator, from the submission to the end. Messages may be lost and the coordinator may be another
/// process after a restart, so what has no answer is asked again, of whoever coordinates now.
/// </summary>
internal sealed class RemoteRunActor : ReceiveActor, IWithTimers
{
    private readonly SubmitJob? _submit;
    private readonly RemoteRun _run;
    private readonly Coordinators _coordinators;
    private readonly RemoteOptions _options;
    private readonly Dictionary<UserDecision, TaskCompletionSource> _wishes = [];
    private RemoteRunState? _following;
    private DateTimeOffset _lastSign;
    private string _endpoint = "";

    /// <param name="submit">What is submitted; null: a run that is there is followed from its first event.</param>
    /// <param name="run">Who is told.</param>
    /// <param name="options">Deadlines and ways.</param>
    public RemoteRunActor(SubmitJob? submit, RemoteRun run, RemoteOptions options)
    {
        (_submit, _run, _options) = (submit, run, options);
        _following = submit is null ? RemoteRunState.Unknown : null;
        _coordinators = new Coordinators(Context.System, options);
        _lastSign = options.Time.GetUtcNow();
        Receive<Remind>(_ => Ask());
        Receive<JobTaken>(Taken);
        Receive<JobRefused>(Refused);
        Receive<FollowNoted>(noted => _following is not null, Noted);
        Receive<JobHappened>(happened => _following is not null, Happened);
        Receive<Wish>(wish =>
        {
            _wishes[wish.Decision] = wish.Stored;
            Ask();
        });
        Receive<Decided>(decided => Answered(decided.Decision, stored => stored.TrySetResult()));
        Receive<DecisionRefused>(refused => Answered(refused.Decision, stored => stored.TrySetException(new InvalidOperationException(refused.Reason))));
        Receive<Fetched>(fetched =>
        {
            if (fetched.Problem is { } problem)
                _run.Tell(new RunWarning(problem));
            End(fetched.Ended);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("remind", new Remind(), _options.Remind);
        Ask();
    }

    protected override void PostStop()
    {
        const string Left = "this process has ended its conversation with the coordinator";
        _run.Refuse(new InvalidOperationException(Left));
        _run.Tell(Silent(Left));
    }

    private void Ask()
    {
        var silent = _options.Time.GetUtcNow() - _lastSign;
        var patience = _following is null ? _options.Answer : _options.Silence;
        if (silent >= patience)
        {
            var line = _coordinators.Silent(patience);
            _run.Refuse(new InvalidOperationException(line));
            End(Silent($"{line} The run may go on there."));
            return;
        }
        if (_following is not { } following)
        {
            _coordinators.Tell(_submit!, Self);
            return;
        }
        _coordinators.Tell(new FollowJob(_run.RunId, following.Life, following.Next), Self);
        foreach (var decision in _wishes.Keys)
            _coordinators.Tell(new DecideJob(_run.RunId, decision), Self);
    }

    private void Taken(JobTaken taken)
    {
        if (_following is not null)
            return;
        Sign(taken.Endpoint);
        _following = new RemoteRunState(taken.Life, taken.FirstEvent);
        _run.Take();
        Ask();
    }

    private void Refused(JobRefused refused)
    {
        _run.Refuse(refused.IsBadInput ? new Jobs.BadInputException(refused.Reason) : new InvalidOperationException(refused.Reason));
        End(new RunEnded(JobPhase.Failed, refused.Reason, 0, null, null, null) { End = refused.IsBadInput ? EndReason.BadInput : EndReason.InternalError });
    }

    private void Noted(FollowNoted noted)
    {
        Sign(noted.Endpoint);
        _following = _following!.Hear(noted);
    }

    private void Happened(JobHappened happened)
    {
        _lastSign = _options.Time.GetUtcNow();
        (_following, var step) = _following!.Take(happened);
        if (step is RemoteRunState.Step.PassOn or RemoteRunState.Step.PassOnAndAsk)
            PassOn(happened.Event);
        if (step is RemoteRunState.Step.AskAgain or RemoteRunState.Step.PassOnAndAsk)
            Sender.Tell(new FollowJob(_run.RunId, _following.Life, _following.Next));
    }

    private void PassOn(RunEvent happened)
    {
        if (happened is not RunEnded ended)
            _run.Tell(happened);
        else if (ended.AdapterFiles.Count > 0 && _options.Links is { } links && _run.AdapterFolder is { } folder)
            FetchAsync(ended, links, folder).PipeTo(Self);
        else
            End(ended with { AdapterFolder = null });
    }

    private async Task<Fetched> FetchAsync(RunEnded ended, Transport.ICoordinatorLinks links, string folder)
    {
        try
        {
            using var patience = new CancellationTokenSource(_options.Fetch, _options.Time);
            await AdapterDownload.FetchAsync(ended, links.To(_endpoint).Content, folder, patience.Token);
            return new Fetched(ended with { AdapterFolder = folder }, null);
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException or OperationCanceledException or UnauthorizedAccessException)
        {
            return new Fetched(ended with { AdapterFolder = null }, $"{folder}: the adapter could not be fetched from {_endpoint} ({failed.Message.TrimEnd('.')}). It lies in {ended.AdapterFolder} at the coordinator.");
        }
    }

    private void Answered(UserDecision decision, Action<TaskCompletionSource> answer)
    {
        if (_wishes.Remove(decision, out var stored))
            answer(stored);
    }

    private void Sign(string endpoint) => (_lastSign, _endpoint) = (_options.Time.GetUtcNow(), endpoint);

    private void End(RunEnded ended)
    {
        _run.Tell(ended);
        foreach (var stored in _wishes.Values)
            stored.TrySetException(new InvalidOperationException($"the run has ended: {ended.Reason}"));
        Context.Stop(Self);
    }

    private static RunEnded Silent(string reason) =>
        new(JobPhase.Failed, reason, 0, null, null, null) { End = EndReason.CoordinatorSilent };

    /// <summary>handle → here: a user has decided; the source is done when that is stored.</summary>
    public sealed record Wish(UserDecision Decision, TaskCompletionSource Stored);

    private sealed record Remind;

    private sealed record Fetched(RunEnded Ended, string? Problem);
}
