using PeftCluster.Training.Native;
using TorchSharp;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>Runs a test's torch work where the product runs it: on a device's thread, inside a dispose scope.</summary>
internal static class OnDevice
{
    public static async Task Run(Action work, int threads = 1)
    {
        await using var device = new DeviceThread(new ComputeDevice(DeviceType.CPU, 0), threads);
        await device.RunAsync(_ => work(), TestContext.Current.CancellationToken);
    }
}
