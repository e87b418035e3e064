using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// TLS of the byte channel, at both ends: each shows its certificate, and takes one of the cluster's own authority only, whatever the
/// operating system trusts. Names in certificates are not compared: nodes come by address, and the authority signs for nodes only.
/// </summary>
/// <param name="Own">This node's certificate with its key, for server and client.</param>
/// <param name="Authority">The cluster's authority.</param>
public sealed record ByteTls(X509Certificate2 Own, X509Certificate2 Authority)
{
    private static readonly Oid _serverUse = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid _clientUse = new("1.3.6.1.5.5.7.3.2");

    internal SslServerAuthenticationOptions ForServer() => new()
    {
        ServerCertificate = Own,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, peer, _, _) => IsOurs(peer, _clientUse),
    };

    internal SslClientAuthenticationOptions ForClient(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = [Own],
        // Without a context of its own the platform may leave out a certificate whose authority it does not know.
        ClientCertificateContext = SslStreamCertificateContext.Create(Own, [Authority], offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, peer, _, _) => IsOurs(peer, _serverUse),
    };

    /// <summary>Whether a certificate is one of the cluster's nodes', for server and client.</summary>
    public bool Trusts(X509Certificate2? peer) => IsOurs(peer, _serverUse) && IsOurs(peer, _clientUse);

    private bool IsOurs(X509Certificate? peer, Oid use)
    {
        if (peer is not X509Certificate2 certificate)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(use);
        return chain.Build(certificate);
    }
}
