using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// The first four frames of a connection: both ends show that they know the cluster's secret without saying it, each over both
/// nonces, the client first, so that a stranger learns nothing. It keeps strangers and other clusters out; against somebody on the line only TLS helps.
/// </summary>
internal static class Handshake
{
    private const int NonceLength = 32;
    private const int LongestFields = 400;

    /// <summary>The client's side.</summary>
    /// <exception cref="LinkRefusedException">The other end knows another secret, or one of both knows none.</exception>
    public static async Task GreetAsync(ByteConnection connection, ReadOnlyMemory<byte> secret, ProgressWatch watch)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        await connection.SendAsync(connection.Frame(FrameKind.Hello).Add(nonce), watch);
        var challenge = Expected(await connection.AnswerAsync(watch), FrameKind.Challenge);
        var secured = challenge.Int32() != 0;
        var theirs = challenge.Next(NonceLength).ToArray();
        if (secured && secret.IsEmpty)
            throw new LinkRefusedException("refused: the cluster has a secret and this process was given none");
        if (!secured && !secret.IsEmpty)
            throw new LinkRefusedException("refused: this process was given a cluster secret and the other end has none");
        await connection.SendAsync(connection.Frame(FrameKind.Proof).Add(Proof(secret, "client", theirs, nonce)), watch);
        var welcome = Expected(await connection.AnswerAsync(watch), FrameKind.Welcome);
        if (!CryptographicOperations.FixedTimeEquals(welcome.Next(SHA256.HashSizeInBytes), Proof(secret, "endpoint", theirs, nonce)))
            throw new LinkRefusedException("refused: another cluster secret");
    }

    /// <summary>The endpoint's side. Nothing but these frames is taken before it is done, and no more than a few hundred bytes.</summary>
    /// <exception cref="LinkRefusedException">The client knows another secret, or none. It has been told.</exception>
    public static async Task AdmitAsync(ByteConnection connection, ReadOnlyMemory<byte> secret, ProgressWatch watch)
    {
        var theirs = Expected(await connection.ReceiveAsync(watch, LongestFields), FrameKind.Hello).Next(NonceLength).ToArray();
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        await connection.SendAsync(connection.Frame(FrameKind.Challenge).Add(secret.IsEmpty ? 0 : 1).Add(nonce), watch);
        var proof = Expected(await connection.ReceiveAsync(watch, LongestFields), FrameKind.Proof).Next(SHA256.HashSizeInBytes);
        if (!CryptographicOperations.FixedTimeEquals(proof, Proof(secret, "client", nonce, theirs)))
        {
            await connection.RefuseAsync(Refusal.Forbidden, "refused: another cluster secret", watch);
            throw new LinkRefusedException("it has another cluster secret");
        }
        await connection.SendAsync(connection.Frame(FrameKind.Welcome).Add(Proof(secret, "endpoint", nonce, theirs)), watch);
    }

    private static Frame Expected(Frame frame, FrameKind kind) =>
        frame.Kind == kind ? frame : throw new LostConnectionException($"{frame.Kind} came where {kind} is due");

    private static byte[] Proof(ReadOnlyMemory<byte> secret, string side, byte[] endpointNonce, byte[] clientNonce)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Span);
        Span<byte> version = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(version, Frame.Version);
        hmac.AppendData(System.Text.Encoding.ASCII.GetBytes($"peft byte channel {side}"));
        hmac.AppendData(version);
        hmac.AppendData(endpointNonce);
        hmac.AppendData(clientNonce);
        return hmac.GetHashAndReset();
    }
}
