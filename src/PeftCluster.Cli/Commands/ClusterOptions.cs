using System.CommandLine;
using PeftCluster.Cluster.Node;
using PeftCluster.Jobs;
using PeftCluster.Server.Node;
using PeftCluster.Server.Security;

namespace PeftCluster.Cli.Commands;

/// <summary>How a process finds its cluster and shows that it may be there, worded once for nodes and clients.</summary>
internal sealed class ClusterOptions
{
    public Option<string?> SecretFile { get; } = new("--secret-file")
    {
        Description = "The file with the cluster's secret, at least 16 bytes; else $PEFTCLUSTER_SECRET.",
        HelpName = "FILE",
    };

    public Option<string?> Certificates { get; } = new("--tls")
    {
        Description = "The folder with this machine's certificates (peft cluster certificates).",
        HelpName = "FOLDER",
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "A HOCON file laid over the built-in one (cluster-config/).",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(SecretFile);
        command.Add(Certificates);
        command.Add(Config);
    }

    /// <summary>How a client reaches a cluster.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="place">One of its nodes.</param>
    /// <param name="advertise">What the nodes call this machine, or null: the address that it reaches them from.</param>
    /// <exception cref="BadInputException">Secret or certificates cannot be read; or nothing of that name is on the network.</exception>
    public RemoteNodeSettings Remote(ParseResult parsed, HostPort place, string? advertise)
    {
        var protection = ClusterProtection.Of(parsed.GetValue(SecretFile), parsed.GetValue(Certificates), TimeProvider.System);
        var system = new SystemSettings
        {
            Roles = [NodeRoles.Client],
            Host = OwnAddress.Towards(place),
            PublicHost = advertise,
            Seeds = [place.ToString()],
            Files = ["client", .. protection.Files],
            Setups = protection.Setups,
            Own = Own(parsed),
        };
        return new RemoteNodeSettings(system, protection, TimeProvider.System);
    }

    /// <summary>The user's own HOCON, or nothing.</summary>
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    public string Own(ParseResult parsed)
    {
        if (parsed.GetValue(Config) is not { } path)
            return "";
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--config: {path}: cannot be read ({unreadable.Message.TrimEnd('.')}). Name a HOCON file, as cluster-config/ has them.", unreadable);
        }
    }
}
