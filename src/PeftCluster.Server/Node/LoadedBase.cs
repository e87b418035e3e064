using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;

namespace PeftCluster.Server.Node;

/// <summary>
/// The base model, read and checked before any worker asks for it: what is wrong with its files is then the user's line
/// and not a worker's failure. Workers share these weights; they are freed when the last of them and this are done.
/// </summary>
internal sealed class LoadedBase : IAsyncDisposable
{
    private readonly DeviceThread _thread;
    private readonly SharedWeights _weights;

    private LoadedBase(DeviceThread thread, SharedWeights weights, BaseFacts facts) => (_thread, _weights, Facts) = (thread, weights, facts);

    public BaseFacts Facts { get; }

    /// <exception cref="Jobs.BadInputException">A file of the model is missing, truncated, lies, or holds a number that is not finite.</exception>
    public static async Task<LoadedBase> OpenAsync(string folder, BaseDtype dtype, ComputeDevice device, int threads, CancellationToken cancellation)
    {
        var thread = new DeviceThread(device, threads);
        try
        {
            var (weights, facts) = await thread.RunAsync(token =>
            {
                var opened = SharedWeights.Of(folder, dtype, token);
                return (opened, new BaseFacts(opened.Store.Bytes, opened.Store.Sha256));
            }, cancellation);
            return new LoadedBase(thread, weights, facts);
        }
        catch
        {
            await thread.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(_ => _weights.Dispose(), CancellationToken.None);
        await _thread.DisposeAsync();
    }
}
