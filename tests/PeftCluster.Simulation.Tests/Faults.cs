using PeftCluster.Steps.Randomness;

namespace PeftCluster.Simulation.Tests;

/// <summary>What goes wrong in one simulated run, drawn from its seed. After <see cref="Until"/> nothing goes wrong any more.</summary>
internal sealed record Faults
{
    /// <summary>Faults stop after so many virtual milliseconds.</summary>
    public double Until { get; init; } = 8_000;

    /// <summary>The share of messages that are lost, and that come twice.</summary>
    public double Lost { get; init; }

    public double Twice { get; init; }

    /// <summary>A message takes up to this, in milliseconds.</summary>
    public double LongestDelay { get; init; } = 20;

    /// <summary>Each worker's leaf takes so many times the usual.</summary>
    public required double[] Slowness { get; init; }

    /// <summary>When which worker dies, and when one of that device comes back, in milliseconds.</summary>
    public IReadOnlyList<(int Worker, double Dies, double Returns)> Deaths { get; init; } = [];

    /// <summary>When the coordinator is killed; it is started again.</summary>
    public IReadOnlyList<double> Kills { get; init; } = [];

    /// <summary>Which worker computes wrongly, and from which step on.</summary>
    public (int Worker, int FromStep)? Liar { get; init; }

    /// <summary>Writes to the disk that fail, half of their bytes written, counted over all attempts. The run is started again.</summary>
    public IReadOnlyList<int> FailingWrites { get; init; } = [];

    public static Faults Of(PhiloxStream random, JobKind kind)
    {
        // A liar is found by two others, so those must live.
        var lied = kind == JobKind.Lied;
        var workers = lied ? 3 + random.NextBelow(2) : 1 + random.NextBelow(4);
        return new Faults
        {
            Lost = random.NextBelow(3) == 0 ? 0.1 * random.NextDouble() : 0,
            Twice = random.NextBelow(3) == 0 ? 0.2 * random.NextDouble() : 0,
            LongestDelay = random.NextBelow(2) == 0 ? 5 : 300,
            Slowness = [.. Enumerable.Range(0, workers).Select(_ => random.NextBelow(5) == 0 ? 30 * random.NextDouble() : 0.5 + random.NextDouble())],
            Deaths = [.. Enumerable.Range(0, workers).Where(_ => !lied && random.NextBelow(3) == 0)
                .Select(worker => (worker, 8_000 * random.NextDouble(), 8_000 + 2_000 * random.NextDouble()))],
            Kills = [.. Enumerable.Range(0, random.NextBelow(3) == 0 ? 1 + random.NextBelow(3) : 0).Select(_ => 8_000 * random.NextDouble()).Order()],
            Liar = lied ? (random.NextBelow(workers), random.NextBelow(4)) : null,
            FailingWrites = random.NextBelow(4) == 0 ? [1 + random.NextBelow(15), 20 + random.NextBelow(20)] : [],
        };
    }

    public override string ToString() =>
        $"lost {Lost:P0}, twice {Twice:P0}, delay {LongestDelay} ms, slowness {string.Join(" ", Slowness.Select(slow => slow.ToString("0.0")))}, " +
        $"deaths {string.Join(" ", Deaths)}, kills {string.Join(" ", Kills.Select(kill => kill.ToString("0")))}, liar {Liar}, failing writes {string.Join(" ", FailingWrites)}";
}
