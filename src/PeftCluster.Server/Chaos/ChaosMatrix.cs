using System.Globalization;

namespace PeftCluster.Server.Chaos;

/// <summary>Runs rows, one after another or a few at a time, each with processes of its own, against the hash of a run that nobody disturbs.</summary>
public static class ChaosMatrix
{
    /// <summary>The run that all others are compared with; it can be asked for by name, too.</summary>
    public static ChaosRow Undisturbed { get; } = new("nothing") { Strikes = "nowhere" };

    /// <summary>Runs the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="settings">What they are run with.</param>
    /// <param name="watch">Called for each that is done, for one at a time.</param>
    /// <param name="cancellation">Ends it; all processes end at once.</param>
    public static async Task<IReadOnlyList<ChaosResult>> RunAsync(
        IReadOnlyList<ChaosRow> rows, ChaosSettings settings, Action<ChaosResult> watch, CancellationToken cancellation)
    {
        var folder = settings.Folder ?? Directory.CreateTempSubdirectory("peft-chaos-").FullName;
        var results = new ChaosResult?[rows.Count + 1];
        var telling = new Lock();
        try
        {
            var calm = new ChaosRun(Undisturbed, settings, Path.Combine(folder, "0"), null);
            var first = await OneAsync(Undisturbed, calm, settings, cancellation);
            first = first with { Note = calm.Sha256 is { } sha256 ? $"the hash that all others must have: {sha256[..12]}" : first.Note };
            Told(0, first);
            if (calm.Sha256 is { } undisturbed)
                await Parallel.ForEachAsync(rows.Index(), new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellation }, async (one, token) =>
                {
                    var place = Path.Combine(folder, (one.Index + 1).ToString(CultureInfo.InvariantCulture));
                    Told(one.Index + 1, await OneAsync(one.Item, new ChaosRun(one.Item, settings, place, undisturbed), settings, token));
                });
            return [.. results.OfType<ChaosResult>()];
        }
        finally
        {
            if (!settings.KeepsFolders)
                Directory.Delete(folder, recursive: true);
        }

        void Told(int place, ChaosResult result)
        {
            lock (telling)
            {
                results[place] = result;
                watch(result);
            }
        }
    }

    private static async Task<ChaosResult> OneAsync(ChaosRow row, ChaosRun run, ChaosSettings settings, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(row.Within, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await run.RunAsync(either.Token);
        }
        catch (Exception late) when (late is OperationCanceledException && patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return Failed($"did not end in {row.Within.TotalSeconds:0} s");
        }
        catch (UnavailableException unavailable)
        {
            return Failed(unavailable.Message) with { Unavailable = true };
        }
        catch (Exception failed) when (failed is not (OperationCanceledException or OutOfMemoryException))
        {
            return Failed(failed.Message.ReplaceLineEndings(" "));
        }

        ChaosResult Failed(string note) => new(row.Fault, Fired: false, Held: false, null, note) { Point = row.Point };
    }
}
