using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Client;

/// <summary>That a submitted job comes from somebody who knows the cluster's secret: a <see cref="FieldProof"/> over all that it says.</summary>
public static class SubmissionProof
{
    /// <summary>The proof; empty in a cluster without a secret.</summary>
    public static string Of(ReadOnlySpan<byte> secret, SubmitJob submit) => FieldProof.Of(
        secret, "peft submission", submit.RunId, submit.Submission, submit.JobYaml, submit.Data.Key, submit.Data.Base?.Sha256 ?? "", submit.Resume ? "resume" : "new");

    /// <summary>The line with which a submission is refused; null when its proof is right. Takes as long for a wrong one.</summary>
    public static string? Refusal(ReadOnlySpan<byte> secret, SubmitJob submit) => FieldProof.Holds(Of(secret, submit), submit.Proof)
        ? null
        : "the job comes without the cluster's secret. Give it with --secret-file.";
}
