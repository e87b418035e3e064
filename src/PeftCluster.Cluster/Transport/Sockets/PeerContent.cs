using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// Files of a run as a node gets them: from another node that has said that it has them, so that a coordinator gives each file to a few and not to all; from the coordinator where no
/// node has it, or those that were tried had not, broke off, were slow, or gave something else. Whoever gives it, a file has the hash that names it.
/// </summary>
/// <param name="coordinator">Knows who has what, and has what the client brought.</param>
/// <param name="peers">The way to a node's endpoint, without patience.</param>
/// <param name="options">The node's.</param>
internal sealed class PeerContent(RemoteContent coordinator, Func<string, RemoteLink> peers, SocketLinkOptions options) : IContentStore
{
    /// <summary>More are not tried: each may cost a timeout.</summary>
    private const int Tried = 3;

    public Task<bool> HasAsync(string sha256, CancellationToken cancellation) => coordinator.HasAsync(sha256, cancellation);

    public Task<string> PutAsync(string path, CancellationToken cancellation) => coordinator.PutAsync(path, cancellation);

    public async Task FetchAsync(string sha256, string path, CancellationToken cancellation)
    {
        foreach (var peer in (await coordinator.WhereAsync(sha256, options.Own!, cancellation)).Take(Tried))
            if (await FromAsync(peer, sha256, path, cancellation))
                return;
        await coordinator.FetchAsync(sha256, path, cancellation);
    }

    public async Task NoteAsync(string sha256, CancellationToken cancellation)
    {
        try
        {
            await coordinator.HoldAsync(sha256, options.Own!, cancellation);
        }
        catch (IOException unheard)
        {
            options.Logger.Debug("nobody is told that this node has {Content}: {Reason}", sha256, unheard.Message);
        }
    }

    private async Task<bool> FromAsync(string peer, string sha256, string path, CancellationToken cancellation)
    {
        try
        {
            await peers(peer).Files.FetchAsync(sha256, path, Pace, cancellation);
            options.Logger.Debug("{Content} has come from {Peer}", sha256, ByteAddress.TcpOf(peer));
            return true;
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            options.Logger.Warning("{Content} does not come from {Peer}: {Reason}; it is fetched elsewhere", sha256, ByteAddress.TcpOf(peer), failed.Message);
            return false;
        }
    }

    private TimeSpan Pace(long bytes) => options.PeerPatience + TimeSpan.FromSeconds((double)bytes / options.SlowestPeer);
}

/// <summary>A coordinator's vectors, and files from wherever they are.</summary>
internal sealed record PeerLink(IWorkerVectors Vectors, IContentStore Content) : ICoordinatorLink;
