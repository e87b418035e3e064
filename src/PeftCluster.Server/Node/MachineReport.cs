using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Training.Native;

namespace PeftCluster.Server.Node;

/// <summary>
/// What this machine can train on, asked of libtorch itself: the library is loaded and one worker's device is chosen as a
/// job would choose it. A machine is fit when nothing stands in <see cref="Problems"/>.
/// </summary>
/// <param name="Fit">Whether a job can run here.</param>
/// <param name="Device">The first device that <c>resources.device: auto</c> takes, or null.</param>
/// <param name="Libtorch">The folder that libtorch was loaded from, or null.</param>
/// <param name="NumericClass">What may change the bits of a gradient here, or null.</param>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="AvailableBytes">The part of it that is free.</param>
/// <param name="System">Operating system, architecture and runtime.</param>
/// <param name="Problems">What stands in the way, a line each with its remedy.</param>
public sealed record MachineReport(
    bool Fit, string? Device, string? Libtorch, string? NumericClass, int Cores, long MemoryBytes, long AvailableBytes, string System,
    IReadOnlyList<string> Problems)
{
    /// <summary>Less free memory than this does not hold libtorch and the smallest model.</summary>
    private const long LeastMemory = 400_000_000;

    /// <summary>Looks at the machine for workers of so many threads.</summary>
    public static MachineReport Look(int threads)
    {
        var problems = new List<string>();
        var (device, libtorch, numericClass) = AskTorch(threads, problems);
        GC.Collect(); // The figures below are those of the last collection, and a small one does not look at the machine.
        var memory = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        var available = Math.Max(memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes, 0);
        if (available < LeastMemory)
            problems.Add(string.Create(CultureInfo.InvariantCulture,
                $"{available / 1_000_000} MB of memory are free; the smallest job needs {LeastMemory / 1_000_000} MB. Free some."));
        return new MachineReport(
            problems.Count == 0, device, libtorch, numericClass, Environment.ProcessorCount, memory.TotalAvailableMemoryBytes, available,
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, {RuntimeInformation.FrameworkDescription}",
            problems);
    }

    private static (string? Device, string? Libtorch, string? NumericClass) AskTorch(int threads, List<string> problems)
    {
        try
        {
            TorchLibrary.Load();
            var device = ComputeDevice.For("auto", 1)[0];
            return (device.ToString(), TorchLibrary.Folder, Training.Native.NumericClass.Of(device, threads));
        }
        catch (TorchUnavailableException error)
        {
            problems.Add(error.Message);
            return (null, null, null);
        }
    }
}
