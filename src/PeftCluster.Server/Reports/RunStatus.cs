using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Server.Reports;

/// <summary>The word for how a run ended, in files and in JSON: completed, paused, failed, cancelled.</summary>
public static class RunStatus
{
    public static string Of(JobPhase phase) => phase.ToString().ToLowerInvariant();
}
