using System.Globalization;
using PeftCluster.Cluster.Faults;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>
/// Starts this command once more as the launcher of a cluster, kills it with SIGKILL when its nodes run, and looks for what is left of them.
/// </summary>
internal static class OrphanHunt
{
    private const int Nodes = 3;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);

    public static async Task<ChaosResult> RunAsync(ChaosRow row, ChaosWorld world, ChaosSettings settings, CancellationToken cancellation)
    {
        var folder = Path.Combine(world.Folder, "launched");
        using var launcher = NodeLauncher.BeginOwn(["chaos", "--only", ChaosMatrix.Undisturbed.Fault, "--folder", folder]);
        int[] nodes;
        while ((nodes = Pids(Path.Combine(folder, "0"))).Length < Nodes)
        {
            if (launcher.HasExited)
                return new ChaosResult(row.Fault, false, false, null, $"the launcher ended before it had {Nodes} nodes") { Point = row.Point };
            await Task.Delay(_look, settings.Time, cancellation);
        }
        ProcessSignal.Kill(launcher.Id);
        var killed = settings.Time.GetTimestamp();
        int[] left;
        while ((left = [.. nodes.Where(ProcessSignal.IsRunning)]).Length > 0 && settings.Time.GetElapsedTime(killed) < _patience)
            await Task.Delay(_look, settings.Time, cancellation);
        foreach (var orphan in left)
            ProcessSignal.Kill(orphan);
        var gone = settings.Time.GetElapsedTime(killed).TotalMilliseconds;
        return new ChaosResult(row.Fault, true, left.Length == 0, null, left.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"all {nodes.Length} nodes were gone after {gone:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{left.Length} of {nodes.Length} nodes were left"))
        { Point = row.Point };
    }

    private static int[] Pids(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, "*.pid").Select(File.ReadAllText).Where(text => text.Length > 0).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
}
