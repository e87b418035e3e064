using System.Globalization;
using System.Text;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// What all nodes of a cluster know and nobody else: it comes from a file or from the environment, never from a command line, which others can read.
/// An empty one stands for a cluster without a secret.
/// </summary>
public static class ClusterSecret
{
    /// <summary>The environment's variable.</summary>
    public const string Variable = "PEFTCLUSTER_SECRET";

    /// <summary>In bytes; less can be guessed.</summary>
    public const int Shortest = 16;

    private const int LongestFile = 4096;

    /// <summary>Reads the secret: of the file, else of the environment, else none. White space around it does not count.</summary>
    /// <param name="file">The file, or null.</param>
    /// <param name="environment">A variable's value by name.</param>
    /// <exception cref="BadInputException">The file cannot be read, or the secret is too short.</exception>
    public static ReadOnlyMemory<byte> Read(string? file, Func<string, string?> environment)
    {
        var text = file is null ? environment(Variable) : TextOf(file);
        if (text is null)
            return default;
        var secret = Encoding.UTF8.GetBytes(text.Trim());
        return secret.Length >= Shortest
            ? secret
            : throw new BadInputException(
                $"{file ?? Variable}: the cluster's secret has {secret.Length} bytes; at least {Shortest} are needed. Make one with: head -c 32 /dev/urandom | base64");
    }

    /// <summary>A <see cref="FieldProof"/> of all that an offer says; empty without a secret. Goes into <see cref="NodeFacts.Proof"/>.</summary>
    public static string Proof(ReadOnlyMemory<byte> secret, Offer offer)
    {
        var node = offer.Node;
        return FieldProof.Of(
            secret.Span, "peft offer", offer.Device, offer.NumericClass, node.Host, Invariant(node.Process), node.Build, Invariant(node.Threads), Invariant(node.MemoryBytes));
    }

    /// <summary>Whether an offer's proof is right; takes as long for a wrong one. Without a secret every offer without a proof is.</summary>
    public static bool Holds(ReadOnlyMemory<byte> secret, Offer offer) => FieldProof.Holds(Proof(secret, offer), offer.Node.Proof);

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string TextOf(string file)
    {
        try
        {
            return new FileInfo(file).Length <= LongestFile
                ? File.ReadAllText(file)
                : throw new BadInputException($"{file}: a cluster's secret has at most {LongestFile} bytes. Name the file that holds it");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: the cluster's secret cannot be read ({missing.Message.TrimEnd('.')}). Name a file that this process may read", missing);
        }
    }
}
