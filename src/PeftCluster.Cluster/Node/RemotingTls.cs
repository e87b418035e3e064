using Akka.Actor.Setup;
using Akka.Remote.Transport.DotNetty;
using PeftCluster.Cluster.Transport;

namespace PeftCluster.Cluster.Node;

/// <summary>The byte channel's certificates for Akka's remoting: both ends show one, and the cluster's own authority decides, whatever the operating system trusts.</summary>
public static class RemotingTls
{
    /// <summary>The setup that goes with cluster-config/tls.conf.</summary>
    public static Setup Of(ByteTls tls) => new DotNettySslSetup(
        tls.Own, suppressValidation: false, requireMutualAuthentication: true, customValidator: (peer, _, _, _, _) => tls.Trusts(peer));
}
