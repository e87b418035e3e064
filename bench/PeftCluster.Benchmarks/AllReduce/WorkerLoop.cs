using System.Globalization;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Benchmarks.AllReduce;

/// <summary>
/// A worker's side: rank, endpoint, transport and length come as arguments, then lines: <c>ring N</c> connects to the next one, <c>star S</c> hands a vector over,
/// <c>fetch S</c> fetches the sum, <c>round</c> does one round of the ring. Sums of whole numbers are exact in any order, so both results are checked.
/// </summary>
internal static class WorkerLoop
{
    public const string Job = "benchmark";
    public const string Layout = "layout";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var culture = CultureInfo.InvariantCulture;
        var (rank, workers, endpoint, floats) = (int.Parse(arguments[0], culture), int.Parse(arguments[1], culture), arguments[2], int.Parse(arguments[4], culture));
        await using var links = new SocketLinks(new SocketLinkOptions { UseSharedMemory = arguments[3] == "shm" });
        var vectors = links.To(endpoint).Vectors;
        using var ring = new Ring(rank, workers, floats, arguments[3] != "tcp");
        float[] own = new float[floats], result = new float[floats];
        Say($"ring {ring.Address}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            switch (words[0])
            {
                case "ring":
                    await ring.ConnectAsync(words[1]);
                    break;
                case "star":
                    Fill(own, rank);
                    // A worker has it from the moment when it has computed a gradient, whatever becomes of that.
                    var leafHash = LeafHash.Of(own);
                    Say("ready");
                    await Console.In.ReadLineAsync();
                    var step = int.Parse(words[1], culture);
                    await vectors.HandOverAsync(new VectorAddress(Job, 1, step, TreeNode.Leaf(rank), $"cpu:{rank}"), Layout, own, leafHash, CancellationToken.None);
                    break;
                case "fetch":
                    if (!await vectors.FetchAsync(Job, 1, int.Parse(words[1], culture), Layout, result, CancellationToken.None))
                        throw new InvalidDataException("the version is not there");
                    break;
                case "round":
                    Fill(ring.Vector, rank);
                    Say("ready");
                    await Console.In.ReadLineAsync();
                    await ring.ReduceAsync();
                    break;
                case "check":
                    Check(words[1] == "star" ? result : ring.Vector, workers);
                    break;
            }
            Say("done");
        }
        return 0;
    }

    private static void Fill(Span<float> vector, int rank)
    {
        for (var i = 0; i < vector.Length; i++)
            vector[i] = (rank + 1) * (i & 1023);
    }

    private static void Check(ReadOnlySpan<float> sum, int workers)
    {
        for (var i = 0; i < sum.Length; i++)
            if (sum[i] != workers * (workers + 1) / 2 * (i & 1023))
                throw new InvalidDataException($"element {i} is {sum[i]}");
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
