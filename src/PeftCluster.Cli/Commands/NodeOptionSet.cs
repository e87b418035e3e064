using System.CommandLine;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using PeftCluster.Jobs;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary>What <c>peft node</c> can be told.</summary>
internal sealed class NodeOptionSet
{
    private readonly ClusterOptions _cluster = new();

    private readonly Option<string> _roles = new("--roles")
    {
        Description = "What the node is for: coordinator, worker, or both with a comma.",
        HelpName = "ROLES",
        DefaultValueFactory = _ => "coordinator,worker",
    };

    private readonly Option<string[]> _join = new("--join") { Description = "A node of the cluster to join. May be repeated. Without it a coordinator begins one.", HelpName = "HOST:PORT", DefaultValueFactory = _ => [] };

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Where other nodes reach this one. Port 0 takes any that is free.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => $"127.0.0.1:{HostPort.Usual}",
    };

    private readonly Option<string?> _advertise = new("--advertise") { Description = "What others call this node, where that is not the place of --listen.", HelpName = "HOST[:PORT]" };

    private readonly Option<int> _bytes = new Option<int>("--bytes-port") { Description = "The port for vectors and files (a worker gives prepared data to others there); any that is free when it is not given.", HelpName = "PORT" }.Between(0, 65_535);

    private readonly Option<string?> _state = new("--state") { Description = "The coordinator's folder: jobs, journals, files. Started again with it, it goes on where it was.", HelpName = "FOLDER" };

    private readonly Option<string?> _database = new("--database") { Description = "PostgreSQL for job events, as a connection string; SQLite in --state when it is not given. Of coordinators with the same one, one leads and the others stand by, with one --state that all see.", HelpName = "STRING" };

    private readonly Option<string> _device = new("--device") { Description = "The worker's devices: auto, cpu or cuda:N.", HelpName = "DEVICE", DefaultValueFactory = _ => "auto" };

    private readonly Option<int> _workers = new Option<int>("--workers") { Description = "How many workers on this node.", HelpName = "N", DefaultValueFactory = _ => 1 }.Between(1, 64);

    private readonly Option<int> _threads = new Option<int>("--threads") { Description = "Threads that each worker computes with. Part of the numeric class: the same on all nodes of a job.", HelpName = "N", DefaultValueFactory = _ => 1 }.Between(1, 256);

    private readonly Option<string?> _models = new("--models") { Description = "A folder of base models, looked in by a model's last name.", HelpName = "FOLDER" };

    private readonly Option<string[]> _plugins = new("--plugins") { Description = "A folder whose plugins this node may run, each held to its job's hash. May be repeated. Without it the node runs nobody's code.", HelpName = "FOLDER", DefaultValueFactory = _ => [] };

    private readonly Option<string> _source = new("--source")
    {
        Description = "What computes: real (libtorch), or arithmetic, a made-up function with which a cluster can be tried.",
        HelpName = "SOURCE",
        DefaultValueFactory = _ => "real",
    };

    private readonly Option<bool> _insecure = new("--insecure") { Description = "Listen for other machines without TLS. Only on a network where everybody may do everything." };

    private readonly Option<string?> _faults = new("--faults") { Description = "A fault plan, as peft chaos makes them.", HelpName = "FILE", Hidden = true };

    /// <summary>The process ends at once when its input does, as when whoever started it was killed.</summary>
    public Option<bool> EndWithInput { get; } = new("--end-with-input") { Description = "End at once when standard input ends.", Hidden = true };

    public Option<bool> Verbose { get; } = JobOptions.Verbose();

    public void AddTo(Command command)
    {
        _source.AcceptOnlyFromAmong("real", "arithmetic");
        foreach (var option in (Option[])[_roles, _join, _listen, _advertise, _bytes, _state, _database, _device, _workers, _threads, _models, _plugins, _source])
            command.Add(option);
        _cluster.AddTo(command);
        command.Add(_insecure);
        command.Add(_faults);
        command.Add(EndWithInput);
        command.Add(Verbose);
    }

    /// <summary>The node that the user asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="tell">Where lines for the user go while it runs.</param>
    /// <exception cref="BadInputException">An option makes no sense.</exception>
    public NodeProcessSettings Settings(ParseResult parsed, Action<string> tell)
    {
        var roles = Roles(parsed.GetRequiredValue(_roles));
        var listen = HostPort.Parse(parsed.GetRequiredValue(_listen), "--listen");
        var joins = parsed.GetRequiredValue(_join);
        if (joins.Length == 0 && !roles.Contains(NodeRoles.Coordinator))
            throw new BadInputException("--join: a worker needs a cluster. Name one of its nodes with --join host:port.");
        var state = Path.GetFullPath(parsed.GetValue(_state) ?? Path.Combine(NodeProcess.UsualState, $"{listen.Port}"));
        var database = parsed.GetValue(_database);
        return new NodeProcessSettings
        {
            Roles = roles,
            Listen = listen,
            Advertise = parsed.GetValue(_advertise) is { } place ? HostPort.Parse(place, "--advertise", usual: 0) : null,
            Joins = [.. joins.Select(place => HostPort.Parse(place, "--join").ToString())],
            BytesPort = parsed.GetValue(_bytes),
            StateFolder = state,
            Database = database,
            Device = parsed.GetRequiredValue(_device),
            Workers = parsed.GetValue(_workers),
            Threads = parsed.GetValue(_threads),
            Models = parsed.GetValue(_models) is { } models ? Path.GetFullPath(models) : null,
            Plugins = [.. parsed.GetRequiredValue(_plugins).Select(Path.GetFullPath)],
            IsArithmetic = parsed.GetValue(_source) == "arithmetic",
            SecretFile = parsed.GetValue(_cluster.SecretFile),
            CertificateFolder = parsed.GetValue(_cluster.Certificates),
            IsInsecure = parsed.GetValue(_insecure),
            Build = CommandLine.Build,
            Own = _cluster.Own(parsed),
            // Coordinators over one database share the folder, and each has a log of its own.
            Log = Path.Combine(state, database is null ? "node.log" : $"node-{Environment.MachineName}-{listen.Port}.log"),
            Faults = Faults(parsed.GetValue(_faults)),
            Tell = tell,
        };
    }

    private static IFaultPoints Faults(string? path) =>
        path is null ? NoFaults.Instance : new PlannedFaults(FaultPlan.Parse(File.ReadAllText(path), path), TimeProvider.System);

    private static string[] Roles(string text)
    {
        string[] roles = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        if (roles.Length == 0 || roles.FirstOrDefault(role => role is not (NodeRoles.Coordinator or NodeRoles.Worker)) is not null)
            throw new BadInputException($"--roles: \"{text}\": write coordinator, worker, or coordinator,worker.");
        return roles;
    }
}
