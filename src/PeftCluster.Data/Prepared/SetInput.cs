using PeftCluster.Data.Formats;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>What a set of rows is made from: the training rows, or those held out.</summary>
/// <param name="Key">The key of the job that names them, for messages.</param>
/// <param name="Entries">The entries of the mixture, each with its files, hashed.</param>
/// <param name="Split">Which rows of the files belong to the set; null: all.</param>
/// <param name="Shards">Into how many files the rows are dealt.</param>
/// <param name="Seed">The seed that deals them, and draws parts of entries.</param>
/// <param name="Draw">Which examples are learnt from; null: all, as they are.</param>
internal sealed record SetInput(string Key, IReadOnlyList<SetEntry> Entries, HeldOutSplit? Split, int Shards, long Seed, ExampleDraw? Draw = null)
{
    /// <summary>All files, in the order in which they are read; their places are the numbers in reports.</summary>
    public IReadOnlyList<HashedFile> Files { get; } = [.. Entries.SelectMany(entry => entry.Files)];

    /// <summary>Their paths.</summary>
    public IReadOnlyList<string> Paths => [.. Files.Select(file => file.Path)];

    /// <summary>Where a row is that was left out.</summary>
    public string PlaceOf(LeftOutRow row)
    {
        var path = row.File < Files.Count ? Files[row.File].Path : Key; // a manifest that somebody changed
        return RowPlaces.In(path).Of(row.Number);
    }

    /// <summary>The training rows.</summary>
    /// <exception cref="BadInputException">A file is missing or cannot be read.</exception>
    public static SetInput Train(JobSpec job) => new(
        "data.train", EntriesOf(job.Data.Train), job.Data.EvalFraction is { } fraction ? new HeldOutSplit(fraction, job.Data.SplitSeed, HeldOut: false) : null,
        job.Training.MicroBatches, job.Training.Seed, ExampleDraw.Of(job.Data));

    /// <summary>The held-out rows: files of their own, or rows of the training files; null: the job has none.</summary>
    /// <param name="job">The job.</param>
    /// <param name="train">Its training rows, whose files are hashed already.</param>
    public static SetInput? HeldOut(JobSpec job, SetInput train)
    {
        // Held-out rows are evaluated in file order, so one file holds them and no seed deals them.
        if (job.Data.Eval is { } eval)
            return new SetInput("data.eval", EntriesOf(eval), null, Shards: 1, Seed: 0);
        // Each of them is measured once, however often its neighbours are learnt from.
        return train.Split is { } split
            ? new SetInput("data.eval_fraction", [.. train.Entries.Select(entry => entry with { Source = new DataSource { Path = entry.Source.Path } })], split with { HeldOut = true }, Shards: 1, Seed: 0)
            : null;
    }

    private static List<SetEntry> EntriesOf(DataSources sources) =>
        [.. SourceFiles.Of(sources).Select(entry => new SetEntry(entry.Source, [.. entry.Files.Select(HashedFile.Of)]))];
}

/// <summary>An entry of a mixture.</summary>
/// <param name="Source">How often its rows are taken.</param>
/// <param name="Files">Its files, in order.</param>
internal sealed record SetEntry(DataSource Source, IReadOnlyList<HashedFile> Files);
