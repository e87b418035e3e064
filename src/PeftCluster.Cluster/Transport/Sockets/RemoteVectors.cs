namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Vectors to and from an endpoint.</summary>
internal sealed class RemoteVectors(RemoteLink link) : IWorkerVectors
{
    public Task<bool> FetchAsync(string job, int attempt, int version, string layoutHash, Memory<float> into, CancellationToken cancellation) =>
        link.AskAsync(async (connection, watch) =>
        {
            var request = connection.Frame(FrameKind.Fetch).Add(job).Add(attempt).Add(version).Add(layoutHash).Add(into.Length);
            await connection.SendAsync(request, watch);
            var answer = await connection.AnswerAsync(watch);
            if (answer.Kind == FrameKind.Absent)
                return false;
            if (answer.Kind != FrameKind.Vector || answer.Int32() != into.Length)
                throw new LostConnectionException($"{answer.Kind} came where version {version} with {into.Length} floats is due");
            await VectorStream.ReceiveAsync(connection, into, ofLeaf: false, watch);
            return true;
        }, cancellation);

    public Task HandOverAsync(VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, UInt128? leafHash, CancellationToken cancellation) =>
        link.AskAsync(async (connection, watch) =>
        {
            var request = connection.Frame(FrameKind.HandOver)
                .Add(address.Job).Add(address.Attempt).Add(address.Step).Add(address.Node.Level).Add(address.Node.Index).Add(address.From)
                .Add(layoutHash).Add(vector.Length);
            await connection.SendAsync(request, watch);
            if (leafHash is { } known && address.IsLeaf)
                await VectorStream.SendAsync(connection, vector, VectorChecksum.Of(known), watch);
            else
                await VectorStream.SendAsync(connection, vector, address.IsLeaf, watch);
            var answer = await connection.AnswerAsync(watch);
            return answer.Kind == FrameKind.Done ? true : throw new LostConnectionException($"{answer.Kind} came where a vector's receipt is due");
        }, cancellation);
}
