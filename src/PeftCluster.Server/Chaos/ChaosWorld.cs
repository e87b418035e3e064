using System.Globalization;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// The real processes of one row: a coordinator, perhaps one that stands by, and workers of this executable, on free ports of this machine, watched as a supervisor would.
/// All of them end with it.
/// </summary>
public sealed class ChaosWorld : IAsyncDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);

    private readonly ChaosRow _row;
    private readonly ChaosSettings _settings;
    private readonly List<NodeSlot> _slots = [];
    private readonly HostPortPair _standbyPorts;
    private RowDatabase? _database;
    private NodeSlot? _standby;
    private readonly CancellationTokenSource _closing = new();
    private Task _watching = Task.CompletedTask;

    private ChaosWorld(ChaosRow row, ChaosSettings settings, string folder, IReadOnlyList<int> ports)
    {
        (_row, _settings, Folder) = (row, settings, folder);
        (Ports, _standbyPorts) = (new HostPortPair(ports[0], ports[1]), new HostPortPair(ports[2], ports[3]));
        Directory.CreateDirectory(folder);
    }

    /// <summary>Where everything of the row lies.</summary>
    public string Folder { get; }

    /// <summary>The coordinator's two ports.</summary>
    public HostPortPair Ports { get; }

    /// <summary>Where the coordinator listens.</summary>
    public string CoordinatorPlace => Place(0, Ports.Actors);

    /// <summary>Where coordinators listen: the leading one first, then the one that stands by, where there is one.</summary>
    internal IReadOnlyList<HostPort> CoordinatorPlaces =>
        [HostPort.Parse(CoordinatorPlace, "coordinator"), .. _row.HasStandby ? [HostPort.Parse(StandbyPlace, "standby")] : Array.Empty<HostPort>()];

    private string StandbyPlace => Place(_row.Workers + 1, _standbyPorts.Actors);

    /// <summary>The coordinator's state.</summary>
    public string State => Path.Combine(Folder, "state");

    /// <summary>The network of the row's nodes, where each has a line of its own.</summary>
    internal NodeNetwork? Network { get; private set; }

    internal NodeSlot Coordinator => _slots[0];

    internal IReadOnlyList<NodeSlot> Slots => _slots;

    internal IReadOnlyList<Strike> Strikes => [.. _slots.SelectMany(slot => slot.Files.ToArray()).SelectMany(files => files.Struck()).OrderBy(strike => strike.Milliseconds)];

    /// <summary>All that the nodes said.</summary>
    public string Said => string.Concat(_slots.Select(slot => slot.Said));

    /// <summary>Starts the row's nodes; done when all are members.</summary>
    /// <exception cref="InvalidOperationException">A node did not come up.</exception>
    public static async Task<ChaosWorld> StartAsync(ChaosRow row, ChaosSettings settings, string folder, CancellationToken cancellation)
    {
        var world = new ChaosWorld(row, settings, folder, FreePorts.Find(4));
        try
        {
            await world.StartNodesAsync(cancellation);
            world._watching = Task.Run(() => world.WatchAsync(world._closing.Token), CancellationToken.None);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more worker; done when it is a member.</summary>
    public async Task AddWorkerAsync(CancellationToken cancellation)
    {
        var slot = await WorkerAsync(_slots.Count);
        _slots.Add(slot);
        slot.Start();
        await slot.UpAsync(_settings.Time, cancellation);
    }

    /// <summary>Starts a node that must not come up; done when it has ended.</summary>
    public async Task StartTwinAsync(IReadOnlyList<string> words, CancellationToken cancellation)
    {
        var slot = new NodeSlot("twin", [], words, Folder, (_, _) => null);
        _slots.Add(slot);
        slot.Start();
        await slot.Now.EndedAsync(cancellation);
    }

    /// <summary>Ends all holds.</summary>
    public void GoOn()
    {
        foreach (var files in _slots.SelectMany(slot => slot.Files.ToArray()))
            files.GoOn();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var slot in _slots)
            await slot.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        if (Network is not null)
            await Network.DisposeAsync();
        _closing.Dispose();
    }

    private async Task StartNodesAsync(CancellationToken cancellation)
    {
        if (_row.StrikesSharedMemory && !Directory.Exists("/dev/shm"))
            throw new UnavailableException("needs shared memory, and this system has no /dev/shm");
        if (_row.HasNetwork)
        {
            (Network, var reason) = await NodeNetwork.CreateAsync(cancellation);
            if (Network is null)
                throw new UnavailableException(reason ?? "no network");
        }
        if (_row.HasStandby)
            _database = await RowDatabase.MakeAsync(
                _settings.Database ?? throw new UnavailableException("needs PostgreSQL: name a server with --database"), $"peft_chaos_{Environment.ProcessId}_{Ports.Actors}", _row.HasNetwork);
        _slots.Add(await CoordinatorAsync("coordinator", 0, CoordinatorPlace, Ports.Bytes));
        Coordinator.Start();
        await Coordinator.UpAsync(_settings.Time, cancellation);
        for (var number = 1; number <= _row.Workers; number++)
        {
            _slots.Add(await WorkerAsync(number));
            _slots[number].Start();
        }
        if (_row.HasStandby)
        {
            _slots.Add(_standby = await CoordinatorAsync("standby", _row.Workers + 1, StandbyPlace, _standbyPorts.Bytes));
            _standby.Start();
        }
        foreach (var slot in _slots.Skip(1))
            await slot.UpAsync(_settings.Time, cancellation);
    }

    private async Task<NodeSlot> CoordinatorAsync(string name, int number, string place, int bytes) => new(name, await BeforeAsync(number),
        ["--roles", "coordinator", "--listen", place, "--bytes-port", Number(bytes), "--state", State, .. _settings.Job.NodeWords, .. Open(), .. _database is null ? [] : (string[])["--database", _database.ConnectionString]],
        Folder, (life, files) => PlanOf(name, life, files));

    private async Task<NodeSlot> WorkerAsync(int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"worker{number}");
        return new NodeSlot(name, await BeforeAsync(number),
            ["--roles", "worker", "--listen", Place(number, 0), "--join", CoordinatorPlace, "--state", Path.Combine(Folder, name), .. _settings.Job.NodeWords, .. Open()],
            Folder, (life, files) => PlanOf(name, life, files));
    }

    private async Task<IReadOnlyList<string>> BeforeAsync(int number) => Network is null ? [] : await Network.AddAsync(number);

    private string[] Open() => Network is null ? [] : ["--insecure"];

    private string Place(int number, int port) => string.Create(CultureInfo.InvariantCulture, $"{(_row.HasNetwork ? NodeNetwork.AddressOf(number) : "127.0.0.1")}:{port}");

    private FaultPlan? PlanOf(string name, int life, NodeFiles files)
    {
        var isWorker = name.StartsWith("worker", StringComparison.Ordinal);
        string[] keys = life > 1 ? [string.Create(CultureInfo.InvariantCulture, $"{name}#{life}")] : isWorker ? [name, "workers"] : [name];
        List<Fault> faults = [];
        var pace = _row.Pace ?? _settings.Pace;
        if (isWorker && pace > 0)
            faults.AddRange([
                new Fault(FaultPoint.LeafComputed, FaultAction.Pace, Times: 0, Amount: pace), new Fault(FaultPoint.Evaluating, FaultAction.Pace, Times: 0, Amount: _settings.Pace)]);
        // A Unix socket and shared memory lie beside the lines that are cut.
        if (isWorker && _row.HasNetwork)
            faults.Add(Rows.RowWords.OverTcp);
        faults.AddRange(keys.SelectMany(key => _row.Plant.GetValueOrDefault(key) ?? []));
        return faults.Count == 0 ? null : new FaultPlan(_settings.Seed, files.Strikes, faults);
    }

    /// <summary>What a supervisor does: a coordinator that has ended is started again, and so is a worker that was expelled.</summary>
    private async Task WatchAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            foreach (var slot in _slots.ToArray().Where(slot => slot.MayStartAgain))
                if (slot == _standby || (slot == Coordinator && !_row.StaysAway))
                    StartAgain(slot);
                else if (slot != Coordinator && slot.Now.WasExpelled)
                    slot.Start();
            await Task.Delay(_look, _settings.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void StartAgain(NodeSlot coordinator)
    {
        _row.BeforeRestart?.Invoke(RunFolder());
        coordinator.Start();
    }

    private string RunFolder() => Directory.EnumerateDirectories(Path.Combine(State, "runs")).Single();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
