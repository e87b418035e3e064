using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// That some fields come from somebody who knows the cluster's secret: HMAC-SHA256 over all of them, as hex. Each field stands behind its length
/// in characters, so that no two lists of fields have the same text; the first one names what is signed.
/// </summary>
internal static class FieldProof
{
    /// <summary>The proof; empty in a cluster without a secret.</summary>
    public static string Of(ReadOnlySpan<byte> secret, params ReadOnlySpan<string> fields)
    {
        if (secret.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var field in fields)
            text.Append(CultureInfo.InvariantCulture, $"{field.Length}:{field}");
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Whether the proof that came is the right one; takes as long for a wrong one.</summary>
    public static bool Holds(string right, string came) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(came));
}
