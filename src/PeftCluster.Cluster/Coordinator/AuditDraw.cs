using PeftCluster.Steps.Randomness;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>Which micro-batches a second worker computes too: a function of the job's seed, the step and the shard, so nobody can know better than the job's owner.</summary>
public static class AuditDraw
{
    /// <summary>Whether a micro-batch is drawn.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="fraction">training.audit_fraction: 0 draws none, 1 all.</param>
    /// <param name="step">The step.</param>
    /// <param name="shard">The shard.</param>
    public static bool IsDrawn(long seed, double fraction, int step, int shard) =>
        fraction > 0 && new PhiloxStream(seed, PhiloxPurpose.Audit, ((ulong)(uint)step << 32) | (uint)shard).NextDouble() < fraction;
}
