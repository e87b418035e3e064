using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Client;

/// <summary>That a submitted job comes from somebody who knows the cluster's secret: HMAC-SHA256 over all that it says, as hex.</summary>
public static class SubmissionProof
{
    /// <summary>The proof; empty in a cluster without a secret.</summary>
    public static string Of(ReadOnlySpan<byte> secret, SubmitJob submit)
    {
        if (secret.IsEmpty)
            return "";
        string[] fields = ["peft submission", submit.RunId, submit.Submission, submit.JobYaml, submit.Data.Key, submit.Data.Base?.Sha256 ?? "", submit.Resume ? "resume" : "new"];
        // Each behind its length, so that no two submissions have the same text.
        var text = string.Concat(fields.Select(field => string.Create(CultureInfo.InvariantCulture, $"{field.Length}:{field}")));
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The line with which a submission is refused; null when its proof is right. Takes as long for a wrong one.</summary>
    public static string? Refusal(ReadOnlySpan<byte> secret, SubmitJob submit) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(secret, submit)), Encoding.UTF8.GetBytes(submit.Proof))
            ? null
            : "the job comes without the cluster's secret. Give it with --secret-file.";
}
