using PeftCluster.Cluster.Coordinator;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Node;

/// <summary>What became of a run, for whoever asked for it.</summary>
/// <param name="Header">What it was.</param>
/// <param name="Started">How it started, or null where it ended before.</param>
/// <param name="Ended">How it ended.</param>
/// <param name="Evaluations">What was measured, earlier attempts included.</param>
/// <param name="Elapsed">From the start of the node to the end of the run.</param>
public sealed record RunOutcome(
    RunHeader Header, RunStarted? Started, RunEnded Ended, IReadOnlyList<MeasuredTarget> Evaluations, TimeSpan Elapsed);
