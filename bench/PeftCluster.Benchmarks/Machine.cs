using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PeftCluster.Benchmarks;

/// <summary>Where and when something was measured.</summary>
internal sealed record Machine(string Date, string? Commit, string Processor, int Cores, string System, double Load)
{
    public static Machine Here { get; } = new(
        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), CommitHere(), ProcessorHere(), Environment.ProcessorCount,
        RuntimeInformation.OSDescription, LoadNow());

    /// <summary>Runnable processes, averaged over a minute; 0 where the system does not say.</summary>
    private static double LoadNow() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0;

    private static string ProcessorHere()
    {
        var line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string? CommitHere()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "rev-parse --short HEAD") { RedirectStandardOutput = true, RedirectStandardError = true });
            return git?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } commit ? commit : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
