using System.CommandLine;

namespace PeftCluster.Cli.Commands;

/// <summary>Options that several commands have, worded once.</summary>
internal static class JobOptions
{
    public static Option<bool> Json(string description) => new("--json") { Description = description };
}
