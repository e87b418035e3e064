using System.Data.Common;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// What is done with files before and after an attempt of a job from afar: its rows are looked up, its folder is taken; at its end
/// the adapter's files go to the store. Off the actor's thread; each answers with a message, and a failure is one as well.
/// </summary>
internal static class RunOpening
{
    /// <summary>Takes the run's folder. It goes on with whatever lies there, since the folder is the run's own.</summary>
    public static async Task<object> OpenAsync(JobsOptions options, IAttemptLedger ledger, JobEntry entry)
    {
        try
        {
            using var patience = new CancellationTokenSource(options.Place.Deadlines.Assign, options.Place.Time);
            var job = entry.Spec();
            var rows = await options.Catalog!.OpenAsync(new SourceRequest(job, entry.Submission.Data, options.Place.Content), patience.Token);
            var folder = Path.Combine(options.StateFolder!, "runs", entry.RunId);
            var request = new RunRequest(entry.RunId, job, rows.Train, rows.HeldOutRows, entry.Submission.Data, folder) { Resume = true };
            return new Opened(request, RunStore.Open(options.Files, request, Environment.ProcessId, options.Place.Time, ledger));
        }
        catch (OperationCanceledException)
        {
            return new NotOpened(entry.RunId, EndReason.StorageFailed, $"the job's data could not be opened in {options.Place.Deadlines.Assign.TotalSeconds:0} s");
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            return new NotOpened(entry.RunId, ReasonOf(failed), failed is BadInputException or FencedException ? failed.Message : $"{failed.GetType().Name}: {failed.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Puts the adapter's files into the store, so that a client from afar can fetch them.</summary>
    public static async Task<Closed> CloseAsync(JobsOptions options, string runId, int attempt, RunEnded ended, bool isFromAfar)
    {
        if (!isFromAfar || ended.AdapterFolder is not { } folder)
            return new Closed(runId, attempt, ended);
        try
        {
            var files = new List<DataFile>();
            foreach (var name in options.Files.Names(folder))
            {
                var path = Path.Combine(folder, name);
                files.Add(new DataFile(name, await options.Place.Content.PutAsync(path, CancellationToken.None), new FileInfo(path).Length));
            }
            return new Closed(runId, attempt, ended with { AdapterFiles = files });
        }
        catch (IOException failed)
        {
            return new Closed(runId, attempt, new RunEnded(JobPhase.Failed, $"{folder}: the adapter cannot be put into the store ({failed.Message.TrimEnd('.')})", ended.Steps, null, null, ended.TrainLoss)
            {
                End = EndReason.StorageFailed,
            });
        }
    }

    /// <summary>Asks whether this coordinator still holds the run.</summary>
    public static Task<Confirmed> ConfirmAsync(RunStore store, string runId, TimeSpan age, DecideJob? wish = null) => Task.Run(() =>
    {
        try
        {
            store.Confirm(age);
            return new Confirmed(runId, store.Attempt, wish);
        }
        catch (FencedException lost)
        {
            return new Confirmed(runId, store.Attempt, wish) { Lost = lost.Message };
        }
        catch (Exception silent) when (silent is DbException or InvalidOperationException or IOException)
        {
            return new Confirmed(runId, store.Attempt, wish) { Problem = $"the job database cannot be asked ({silent.Message.ReplaceLineEndings(" ").TrimEnd('.')})" };
        }
    });

    private static EndReason ReasonOf(Exception failed) => failed switch
    {
        FencedException => EndReason.Fenced,
        DbException => EndReason.StorageFailed,
        BadInputException => EndReason.BadInput,
        IOException or UnauthorizedAccessException => EndReason.StorageFailed,
        _ => EndReason.InternalError,
    };

    /// <summary>The attempt has its folder and its number.</summary>
    public sealed record Opened(RunRequest Request, RunStore Store);

    /// <summary>The job cannot begin.</summary>
    public sealed record NotOpened(string RunId, EndReason Reason, string Detail);

    /// <summary>Whether this coordinator still holds the run of an attempt.</summary>
    /// <param name="RunId">The run.</param>
    /// <param name="Attempt">The attempt that was asked about.</param>
    /// <param name="Wish">What a user wants, and waits for this; or null.</param>
    public sealed record Confirmed(string RunId, int Attempt, DecideJob? Wish)
    {
        /// <summary>Who holds it instead; null where nobody does.</summary>
        public string? Lost { get; init; }

        /// <summary>Why nobody knows; null where it is known.</summary>
        public string? Problem { get; init; }
    }

    /// <summary>The attempt is over, and nothing of it is left to do.</summary>
    public sealed record Closed(string RunId, int Attempt, RunEnded Ended);
}
