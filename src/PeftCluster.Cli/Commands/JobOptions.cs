using System.CommandLine;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Cli.Commands;

/// <summary>The arguments that every command about a job has, worded once.</summary>
internal sealed class JobOptions
{
    public Argument<string> Job { get; } = new("JOB") { Description = "The job file (job.yaml)." };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Override a key of the job, for example training.learning_rate=1e-4. May be repeated.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    public Option<string?> Device { get; } = new("--device")
    {
        Description = "Where to compute: auto, cpu or cuda:N (resources.device).",
        HelpName = "DEVICE",
    };

    public static Option<bool> Json(string description) => new("--json") { Description = description };

    public static Option<bool> Verbose() => new("--verbose") { Description = "Write every step and the causes of every error into the log file." };

    public void AddTo(Command command, bool withDevice = true)
    {
        command.Add(Job);
        command.Add(Set);
        if (withDevice)
            command.Add(Device);
    }

    /// <summary>The job with its overrides.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="more">Overrides that further options stand for; they win over --set.</param>
    /// <exception cref="Jobs.BadInputException">The file or an override is not as it should be.</exception>
    public JobSpec Load(ParseResult parsed, params IReadOnlyList<string> more)
    {
        string[] device = parsed.GetValue(Device) is { } name ? [$"resources.device={name}"] : [];
        return JobFile.Load(parsed.GetRequiredValue(Job), [.. parsed.GetRequiredValue(Set), .. device, .. more], PluginHost.OfPaths);
    }
}
