using System.Data.Common;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// The two lines in which a run's work is done, off the actor's thread: numbers in one, files in another, so that the disk works behind the
/// next step. Work answers with an input; where it fails, the failure is the input, in words for a user.
/// </summary>
/// <param name="folder">The run's, for those words.</param>
internal sealed class RunLines(string folder)
{
    /// <summary>The line of numbers, for work whose failure its caller takes.</summary>
    public SerialLine Numbers { get; } = new();

    /// <summary>The line of files, for work whose failure its caller takes.</summary>
    public SerialLine Files { get; } = new();

    public Task<RunInput> NumbersAsync(Func<Task<RunInput>> work) => Numbers.Post(() => GuardAsync(work));

    public Task<RunInput> NumbersAsync(Func<RunInput> work) => NumbersAsync(() => Task.FromResult(work()));

    public Task<RunInput> FilesAsync(Func<Task<RunInput>> work) => Files.Post(() => GuardAsync(work));

    public Task<RunInput> FilesAsync(Func<RunInput> work) => FilesAsync(() => Task.FromResult(work()));

    /// <summary>
    /// Makes something in the line of numbers and writes it in the line of files. Numbers go on while it is written; what is made first is
    /// written first.
    /// </summary>
    public Task<RunInput> KeepAsync<T>(Func<T> make, Func<T, Task<RunInput>> write) => GuardAsync(async () =>
    {
        Task<RunInput>? written = null;
        await Numbers.Post(() =>
        {
            var made = make();
            written = FilesAsync(() => write(made));
            return true;
        });
        return await written!;
    });

    /// <summary>What a failure is to the machine.</summary>
    public RunInput.Broke Broke(Exception broken) => broken is FencedException ? new RunInput.Broke(EndReason.Fenced, broken.Message)
        : broken is IOException or UnauthorizedAccessException ? new RunInput.Broke(EndReason.StorageFailed, $"{folder}: cannot be written any more ({broken.Message.TrimEnd('.')}). Make room, then go on with --resume")
        : broken is DbException ? new RunInput.Broke(EndReason.StorageFailed, $"the job database cannot be asked who holds the run ({broken.Message.ReplaceLineEndings(" ").TrimEnd('.')})")
        : new RunInput.Broke(EndReason.InternalError, $"{broken.GetType().Name}: {broken.Message.ReplaceLineEndings(" ")}");

    private async Task<RunInput> GuardAsync(Func<Task<RunInput>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return Broke(broken);
        }
    }
}
