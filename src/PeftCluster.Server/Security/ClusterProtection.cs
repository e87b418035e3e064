using Akka.Actor.Setup;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs;

namespace PeftCluster.Server.Security;

/// <summary>
/// What keeps strangers out of a cluster: the secret, without which no vector, file or offer is taken, and certificates, without which no
/// message is heard at all. A node that others can reach needs both, unless its user says otherwise by name.
/// </summary>
/// <param name="Secret">The cluster's secret; empty without one.</param>
/// <param name="Tls">Certificates of the byte channel; null without.</param>
/// <param name="Setups">The same for the actors' remoting.</param>
public sealed record ClusterProtection(ReadOnlyMemory<byte> Secret, ByteTls? Tls, IReadOnlyList<Setup> Setups)
{
    /// <summary>Files of cluster-config that go with it.</summary>
    public IReadOnlyList<string> Files => Tls is null ? [] : ["tls"];

    /// <summary>Reads secret and certificates.</summary>
    /// <exception cref="BadInputException">A file is missing, too short, expired, or of another authority.</exception>
    public static ClusterProtection Of(string? secretFile, string? certificates, TimeProvider time)
    {
        var secret = ClusterSecret.Read(secretFile, Environment.GetEnvironmentVariable);
        if (certificates is null)
            return new ClusterProtection(secret, null, []);
        var tls = NodeCertificates.Read(certificates, time);
        return new ClusterProtection(secret, tls, [RemotingTls.Of(tls)]);
    }

    /// <summary>Whether a node may listen at a place with this protection.</summary>
    /// <exception cref="BadInputException">It may not; the line says what is missing.</exception>
    public void CheckOpen(HostPort listen, bool insecure)
    {
        if (listen.IsLoopback)
            return;
        if (Secret.IsEmpty)
            throw new BadInputException($"--listen: {listen}: other machines can reach this, and whoever reaches it could take part. Give the cluster a secret (--secret-file).");
        if (Tls is null && !insecure)
            throw new BadInputException($"--listen: {listen}: other machines can reach this, and messages are not encrypted. Give it certificates (peft cluster certificates, then --tls), or say --insecure if the network is closed to others.");
    }
}
