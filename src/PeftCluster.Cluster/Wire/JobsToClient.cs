using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Cluster.Wire;

/// <summary>jobs → client: here I am.</summary>
/// <param name="Life">Names this life of the coordinator's process; the events of a run are numbered within it.</param>
/// <param name="Endpoint">Where its files are; empty within one process.</param>
/// <param name="Build">The product's version there.</param>
public sealed record CoordinatorHere(string Life, string Endpoint, string Build) : IWireMessage;

/// <summary>jobs → client: the job is stored and will run, whatever happens to this process.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Life">The coordinator's life.</param>
/// <param name="FirstEvent">The number of the first event that belongs to this submission: a resumed run has older ones.</param>
/// <param name="Endpoint">Where the coordinator's files are.</param>
public sealed record JobTaken(string RunId, string Life, long FirstEvent, string Endpoint) : IWireMessage;

/// <summary>jobs → client: the job is not taken, or is not known here.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Reason">One line for the user.</param>
/// <param name="IsBadInput">Whether it is the user's mistake.</param>
public sealed record JobRefused(string RunId, string Reason, bool IsBadInput) : IWireMessage;

/// <summary>jobs → client: you are told. It is also the sign that the coordinator lives while nothing happens.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Life">The coordinator's life.</param>
/// <param name="First">The number of the first event of the newest submission: where a client begins that has none.</param>
/// <param name="Events">How many events there are so far.</param>
/// <param name="Endpoint">Where the coordinator's files are.</param>
public sealed record FollowNoted(string RunId, string Life, long First, long Events, string Endpoint) : IWireMessage;

/// <summary>jobs → client: this has happened.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Life">The coordinator's life.</param>
/// <param name="Number">The event's number within it, from 0 and without gaps.</param>
/// <param name="Event">What has happened.</param>
public sealed record JobHappened(string RunId, string Life, long Number, RunEvent Event) : IWireMessage;

/// <summary>jobs → client: the decision is stored, under the attempt that it is about. It is confirmed by the run's end.</summary>
public sealed record Decided(string RunId, UserDecision Decision, int Attempt) : IWireMessage;

/// <summary>jobs → client: nothing is decided, and why.</summary>
public sealed record DecisionRefused(string RunId, UserDecision Decision, string Reason) : IWireMessage;

/// <summary>jobs → client: the jobs, the newest last. Old ones are left out.</summary>
public sealed record JobsListed(IReadOnlyList<JobRow> Jobs) : IWireMessage;

/// <summary>A job as a list shows it.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="Name">The job's name.</param>
/// <param name="Phase">Where it stands, for machines: <c>running</c>.</param>
/// <param name="Attempt">The attempt that runs or ran last; 0 before the first.</param>
/// <param name="Steps">Committed steps, as far as this life of the coordinator knows.</param>
/// <param name="TotalSteps">Steps of the whole job; 0 until it runs.</param>
/// <param name="Workers">The workers that it began with.</param>
/// <param name="Reason">Why it stands still or has ended, or what it waits for; empty while it runs.</param>
/// <param name="Since">When it came into this phase.</param>
public sealed record JobRow(
    string RunId, string Name, string Phase, int Attempt, int Steps, int TotalSteps, IReadOnlyList<string> Workers, string Reason, DateTimeOffset Since);
