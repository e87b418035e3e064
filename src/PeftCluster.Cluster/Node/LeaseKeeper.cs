using Akka.Actor;
using Akka.Event;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Keeps a coordinator's lease, or waits for it. While the database is silent a leading coordinator goes on, since every commit asks for its own
/// attempt; it only stops saying that it leads, so that a side which may have lost the lease puts nobody out.
/// </summary>
internal sealed class LeaseKeeper : ReceiveActor, IWithTimers
{
    private readonly LeaseKeeping _keeping;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private LeaseAnswer _last;
    private long _kept;
    private bool _isAsking, _isSilent;

    /// <param name="keeping">What it works with.</param>
    /// <param name="first">The answer that the node began with.</param>
    public LeaseKeeper(LeaseKeeping keeping, LeaseAnswer first)
    {
        (_keeping, _last, _kept) = (keeping, first, keeping.Time.GetTimestamp());
        Receive<Round>(_ => Ask());
        Receive<Answered>(Heard);
        Receive<Status.Failure>(Failed);
        Receive<AskLease>(_ => Sender.Tell(new LeaseTold(Leads, _last.Holder)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool Leads => _last.Standing == LeaseStanding.Held && (!_keeping.Lease.IsShared || _keeping.Time.GetElapsedTime(_kept) < _keeping.Times.Expiry);

    protected override void PreStart()
    {
        if (_keeping.Lease.IsShared)
            Timers.StartPeriodicTimer("round", new Round(), _keeping.Times.Round);
    }

    private void Ask()
    {
        if (_isAsking)
            return;
        _isAsking = true;
        var (lease, asked) = (_keeping.Lease, _keeping.Time.GetTimestamp());
        Task.Run(() => new Answered(lease.Ask(), asked)).PipeTo(Self);
    }

    private void Heard(Answered answered)
    {
        (_isAsking, _isSilent) = (false, false);
        var before = _last;
        _last = answered.Answer;
        if (_last.Standing == LeaseStanding.Lost)
            Fall($"another coordinator leads now: {_last.Holder}");
        else if (_last.Standing == LeaseStanding.Held)
            Keep(before, answered.Asked);
        else if (_last.Holder != before.Holder)
            _keeping.Tell($"standby: {_last.Holder} leads");
    }

    private void Keep(LeaseAnswer before, long asked)
    {
        _kept = asked;
        if (before.Standing == LeaseStanding.Held)
            return;
        _keeping.Tell($"this node leads now; {before.Holder} did before");
        _keeping.Lead();
    }

    private void Failed(Status.Failure failed)
    {
        _isAsking = false;
        if (failed.Cause is BadInputException wrong)
            Fall(wrong.Message);
        else if (!_isSilent)
            _log.Warning("the job database does not say who leads ({0})", failed.Cause.Message.ReplaceLineEndings(" "));
        _isSilent = true;
    }

    private void Fall(string reason)
    {
        _log.Error(reason);
        _keeping.Fall(reason);
        Context.Stop(Self);
    }

    private sealed record Round;

    private sealed record Answered(LeaseAnswer Answer, long Asked);
}

/// <summary>What a lease keeper works with.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Times">How often it is asked for, and when it is lost.</param>
/// <param name="Time">The clock.</param>
/// <param name="Lead">Called when this coordinator leads from now on.</param>
/// <param name="Fall">Called with a line when another one has taken the lease; the node must end then.</param>
/// <param name="Tell">What whoever runs the node should read.</param>
internal sealed record LeaseKeeping(ICoordinatorLease Lease, LeaseTimes Times, TimeProvider Time, Action Lead, Action<string> Fall, Action<string> Tell);
