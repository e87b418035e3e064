using PeftCluster.Cluster.Faults;

namespace PeftCluster.Server.Chaos;

/// <summary>The place of one node in a row's cluster: its process, and those that had the place before it.</summary>
/// <param name="name">The node's name in the row.</param>
/// <param name="before">Words before its command: where it runs.</param>
/// <param name="words">Its command line.</param>
/// <param name="folder">The row's folder.</param>
/// <param name="plan">What is planted in each of its lives, from 1.</param>
internal sealed class NodeSlot(string name, IReadOnlyList<string> before, IReadOnlyList<string> words, string folder, Func<int, NodeFiles, FaultPlan?> plan) : IAsyncDisposable
{
    private const int MostLives = 8;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly List<NodeProcessHandle> _lives = [];

    public string Name => name;

    public int Life => _lives.Count;

    public NodeProcessHandle Now => _lives[^1];

    /// <summary>Whether its process has ended and a supervisor would still start another one.</summary>
    public bool MayStartAgain => Now.HasEnded && Life < MostLives;

    /// <summary>All files that its processes wrote.</summary>
    public IEnumerable<NodeFiles> Files => _lives.Select(life => life.Files);

    /// <summary>All that its processes said.</summary>
    public string Said => string.Concat(_lives.Select(life => life.Said));

    /// <summary>Host and port, as it has said them in its first life.</summary>
    public string Address => _lives[0].Said.Split(' ', '\n') is var words && Array.IndexOf(words, "node") is var node and >= 0 ? words[node + 1] : name;

    /// <summary>Starts its next life.</summary>
    public void Start()
    {
        var life = Life + 1;
        var files = new NodeFiles(folder, life == 1 ? name : $"{name}-{life}");
        _lives.Add(NodeLauncher.Start(files, before, words, plan(life, files)));
    }

    /// <summary>Until its newest life has said that it is a member; waits for two minutes at most.</summary>
    /// <exception cref="InvalidOperationException">It did not come up; the line is its own.</exception>
    public async Task UpAsync(TimeProvider time, CancellationToken cancellation)
    {
        var life = Now;
        var first = await Task.WhenAny(life.Up, life.EndedAsync(cancellation), Task.Delay(_patience, time, cancellation));
        cancellation.ThrowIfCancellationRequested();
        if (first != life.Up)
            throw new InvalidOperationException($"{name} did not come up: {Said.ReplaceLineEndings(" ").Trim()}");
    }

    /// <summary>Kills its process and waits until the kernel has let it go.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var life in _lives)
        {
            life.Kill();
            await life.EndedAsync(CancellationToken.None);
            life.Dispose();
        }
    }
}
