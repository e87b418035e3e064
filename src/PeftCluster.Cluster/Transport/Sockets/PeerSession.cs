using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Transport.Sockets.Shared;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>One admitted connection at the endpoint: answers its requests, one after another, until it ends.</summary>
/// <param name="connection">The line.</param>
/// <param name="vectors">Where vectors lie.</param>
/// <param name="holders">Who has which file.</param>
/// <param name="options">The endpoint's.</param>
/// <param name="announce">Told of the device that the connection stands for.</param>
internal sealed class PeerSession(ByteConnection connection, MemoryVectorChannel vectors, ContentHolders holders, ByteEndpointOptions options, Action<string> announce)
{
    private readonly FileRequests _files = new(connection, options);

    /// <summary>Until the other end closes.</summary>
    public async Task ServeAsync(ProgressWatch watch)
    {
        PassPoints();
        while (await connection.ReceiveNextAsync(watch) is { } request)
        {
            if (options.Shelf is not null && request.Kind is not (FrameKind.Has or FrameKind.Get or FrameKind.Share))
            {
                await connection.RefuseAsync(Refusal.Forbidden, "this node only gives files away", watch);
                throw new LostConnectionException($"{request.Kind} is asked of a node that only gives files away");
            }
            switch (request.Kind)
            {
                case FrameKind.HandOver:
                    await HandOverAsync(request, watch);
                    break;
                case FrameKind.Fetch:
                    await FetchAsync(request, watch);
                    break;
                case FrameKind.Has:
                    await _files.HasAsync(request, watch);
                    break;
                case FrameKind.Get:
                    await _files.GetAsync(request, watch);
                    break;
                case FrameKind.Put:
                    await _files.PutAsync(request, watch);
                    break;
                case FrameKind.Hold:
                    holders.Note(request.Text(), request.Text());
                    await connection.SendAsync(FrameKind.Done, watch);
                    break;
                case FrameKind.Where:
                    var nodes = holders.Of(request.Text(), besides: request.Text());
                    await connection.SendAsync(nodes.Aggregate(connection.Frame(FrameKind.Nodes).Add(nodes.Count), (frame, node) => frame.Add(node)), watch);
                    break;
                case FrameKind.Announce:
                    announce(request.Text());
                    await connection.SendAsync(FrameKind.Done, watch);
                    break;
                case FrameKind.Share:
                    await SharedMemoryOffer.TakeAsync(connection, request, watch);
                    PassPoints();
                    break;
                default:
                    throw new LostConnectionException($"{request.Kind} is no request");
            }
        }
    }

    private void PassPoints() => connection.GoOnOver(way => FaultyStream.Over(way, options.Faults, FaultPoint.WhileGiving));

    private async Task HandOverAsync(Frame request, ProgressWatch watch)
    {
        var (job, attempt, step) = (request.Text(), request.Int32(), request.Int32());
        var address = new VectorAddress(job, attempt, step, new TreeNode(request.Int32(), request.Int32()), request.Text());
        var (layoutHash, floats) = (request.Text(), request.Int32());
        if (floats < 0 || floats > options.MaxVectorFloats)
        {
            await connection.RefuseAsync(Refusal.WrongData, $"{address}: it has {floats} floats; at most {options.MaxVectorFloats} are taken here", watch);
            throw new LostConnectionException("it sends a vector that is too long");
        }
        var ours = vectors.ShapeOf(job, attempt);
        if (ours is { } shape && new VectorShape(layoutHash, floats).Objection(address.ToString(), shape) is { } objection)
        {
            await VectorStream.DrainAsync(connection, floats, address.IsLeaf, watch);
            await connection.RefuseAsync(Refusal.WrongData, objection, watch);
            return;
        }
        if (vectors.IsForgotten(address))
            await VectorStream.DrainAsync(connection, floats, address.IsLeaf, watch);
        else if (ours is null)
        {
            var (vector, hash) = await VectorStream.ReceiveUnknownAsync(connection, floats, address.IsLeaf, watch);
            vectors.Deliver(address, layoutHash, vector, hash);
        }
        else
            await ReceiveAsync(address, layoutHash, floats, watch);
        await connection.SendAsync(FrameKind.Done, watch);
    }

    private async Task ReceiveAsync(VectorAddress address, string layoutHash, int floats, ProgressWatch watch)
    {
        var buffer = vectors.Rent(floats);
        var delivered = false;
        try
        {
            var hash = await VectorStream.ReceiveAsync(connection, buffer, address.IsLeaf, watch);
            vectors.Deliver(address, layoutHash, buffer, hash);
            delivered = true;
        }
        finally
        {
            if (!delivered)
                vectors.Return(buffer);
        }
    }

    private async Task FetchAsync(Frame request, ProgressWatch watch)
    {
        var (job, attempt, version) = (request.Text(), request.Int32(), request.Int32());
        var (layoutHash, floats) = (request.Text(), request.Int32());
        if (vectors.Lend(job, attempt, version) is not { } parcel)
        {
            await connection.SendAsync(FrameKind.Absent, watch);
            return;
        }
        try
        {
            if (parcel.Shape.Objection($"version {version}", new VectorShape(layoutHash, floats)) is { } objection)
                await connection.RefuseAsync(Refusal.WrongData, objection, watch);
            else
            {
                await connection.SendAsync(connection.Frame(FrameKind.Vector).Add(floats), watch);
                await VectorStream.SendAsync(connection, parcel.Vector, parcel.Checksum, watch);
            }
        }
        finally
        {
            vectors.GiveBack(parcel);
        }
    }
}
