namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// What a run decides between two steps and cannot read off the adapter. It lies in the record of the next step, or, where no step follows, in a frame of
/// its own; a resumed run takes it from there. The names of the properties are in journals: never change them.
/// </summary>
public abstract record RunDecision;

/// <summary>A measurement and its result.</summary>
/// <param name="Target">What was measured.</param>
/// <param name="Metrics">Means over the held-out rows.</param>
/// <param name="Version">Which version of the adapter; null for the base model alone.</param>
public sealed record Measured(EvaluationTarget Target, EvaluationMetrics Metrics, int? Version = null) : RunDecision;

/// <summary>A version that measured better than all before it. Its file was on disk before this was decided.</summary>
/// <param name="Version">Which one.</param>
/// <param name="Metric">What it is better in: loss or exact_match.</param>
/// <param name="Value">How good it is.</param>
/// <param name="File">Its file's name in the run's folder.</param>
/// <param name="Sha256">The file's hash, 64 hex digits.</param>
public sealed record BestVersion(int Version, string Metric, double Value, string File, string Sha256) : RunDecision;

/// <summary>Nothing was learnt that shows on the held-out rows; no step follows.</summary>
/// <param name="Version">The version at which training stops.</param>
/// <param name="Measurements">Measurements in a row without improvement.</param>
public sealed record EarlyStop(int Version, int Measurements) : RunDecision;
