using PeftCluster.Training.Native;

namespace PeftCluster.Server.Node;

/// <summary>Work of one command on this machine's processor, with all of its cores.</summary>
public static class LocalProcessor
{
    /// <summary>Runs the work on a device's thread, since tensors belong on one, and never on the thread pool.</summary>
    /// <param name="work">Told when it should end.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        await using var thread = new DeviceThread(ComputeDevice.For("cpu", workers: 1)[0], Environment.ProcessorCount);
        return await thread.RunAsync(work, cancellation);
    }
}
