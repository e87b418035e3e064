using System.Globalization;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Tasks;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// From files to tokens, once. Phases for each set: hash its files and look the key up in the cache; else read, encode
/// and spool every row, deal the rows to the job's shards, and write a file for each shard. Then both sets are compared.
/// </summary>
public static class DataPreparation
{
    /// <summary>Prepares the job's rows, or finds them prepared.</summary>
    /// <param name="job">The job; its model folder holds the tokenizer.</param>
    /// <param name="cacheFolder">Where prepared data lies (<see cref="CacheFolder.Default"/>).</param>
    /// <param name="options">Threads, and who hears how far it is.</param>
    /// <param name="cancellation">Looked at after every few rows.</param>
    /// <exception cref="BadInputException">A file, a row or the tokenizer is not fit; or the cache folder cannot be written.</exception>
    public static PreparedData Prepare(JobSpec job, string cacheFolder, PreparationOptions options, CancellationToken cancellation)
    {
        var tokenizer = TextTokenizer.Load(job.Model);
        CheckPacking(job, tokenizer);
        var making = new RowMaking(job.Data, tokenizer, JobTemplate.Of(job), DataTask.Of(job.Data));
        var store = OpenStore(cacheFolder);
        var learnt = SetInput.Train(job);
        var train = PrepareSet(store, cacheFolder, learnt, making, options, cancellation);
        try
        {
            var eval = SetInput.HeldOut(job, learnt) is { } heldOut ? PrepareSet(store, cacheFolder, heldOut, making, options, cancellation) : null;
            return new PreparedData(train.Rows, eval?.Rows, tokenizer, Report(job, tokenizer, train, eval), InputKey.Of(train.Key, eval?.Key),
                [.. train.FilesAs(DataNames.Train), .. eval?.FilesAs(DataNames.HeldOut) ?? []])
            {
                Task = making.Task,
                TrainPaths = train.Input.Paths,
                EvalPaths = eval?.Input.Paths ?? [],
            };
        }
        catch
        {
            train.Rows.Dispose();
            throw;
        }
    }

    /// <summary>As the other, on all processors, and nobody hears how far it is.</summary>
    /// <exception cref="BadInputException">A file, a row or the tokenizer is not fit; or the cache folder cannot be written.</exception>
    public static PreparedData Prepare(JobSpec job, string cacheFolder, CancellationToken cancellation = default) => Prepare(job, cacheFolder, new(), cancellation);

    private static void CheckPacking(JobSpec job, TextTokenizer tokenizer)
    {
        var reason = !job.Data.Packing ? null
            : tokenizer.HasEncoder ? "an encoder reads each prompt apart from its completion, so rows cannot share one"
            : tokenizer.Classes is not null ? "a classifier names one class a row"
            : null;
        if (reason is not null)
            throw new BadInputException($"data.packing: {reason}. Remove packing; rows of about the same length come together anyway (training.group_by_length).");
    }

    private sealed record PreparedSet(PreparedStore.Found Found, SetInput Input, string Key, string? Damage)
    {
        public PreparedRows Rows => Found.Rows;

        public SetReport Report => Found.Report;

        public IEnumerable<LocalFile> FilesAs(string set) =>
            [Named(Found.Index, DataNames.Index(set)), .. Found.Shards.Select((shard, number) => Named(shard, DataNames.Shard(set, number)))];

        private static LocalFile Named(LocalFile file, string name) => file with { File = file.File with { Name = name } };
    }

    private static PreparedStore OpenStore(string cacheFolder)
    {
        try
        {
            return new PreparedStore(cacheFolder);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(cacheFolder, unwritable);
        }
    }

    private static PreparedSet PrepareSet(
        PreparedStore store, string cacheFolder, SetInput input, RowMaking making, PreparationOptions options, CancellationToken cancellation)
    {
        var key = InputKey.Of(input, making);
        if (store.Open(key, out var damage) is { } found)
            return new PreparedSet(found, input, key, null);
        try
        {
            using var spool = store.CreateSpool(making.Variants);
            var report = new SetReading(input, making, spool).Read(options, cancellation);
            store.Write(key, spool, report, DealtRows.Of(spool.Count, spool.Variants, input.Shards, input.Seed), cancellation);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(cacheFolder, unwritable);
        }
        var written = store.Open(key, out var fresh)
            ?? throw new IOException($"{cacheFolder}: prepared data cannot be read back: {fresh}");
        return new PreparedSet(written, input, key, damage);
    }

    private static PreparationReport Report(JobSpec job, TextTokenizer tokenizer, PreparedSet train, PreparedSet? eval)
    {
        var shared = eval is null ? 0 : PromptOverlap.Of(train.Rows, eval.Rows);
        List<string> warnings = [.. PreparationReport.Warn(train.Input, train.Report, job.Data)];
        if (eval is not null)
            warnings.AddRange(PreparationReport.Warn(eval.Input, eval.Report, job.Data));
        if (shared > 0)
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{eval!.Input.Key}: {shared:N0} of {eval.Rows.Count:N0} rows have a prompt that is also in data.train: they measure memory, not learning. Drop them."));
        if (tokenizer.EosId is null && tokenizer.Classes is null)
            warnings.Add($"{job.Model}: no eos token in tokenizer_config.json, config.json or generation_config.json, so rows end without one and answers stop at evaluation.max_new_tokens only.");
        warnings.AddRange(tokenizer.Notes);
        foreach (var damage in new[] { train.Damage, eval?.Damage }.OfType<string>())
            warnings.Add($"prepared data was damaged and made again: {damage}.");
        return new PreparationReport(train.Report, eval?.Report, shared, warnings)
        {
            LeftOut = [.. new[] { train, eval }.OfType<PreparedSet>().SelectMany(set => PreparationReport.Listed(set.Input, set.Report))],
        };
    }

    private static BadInputException Unwritable(string cacheFolder, Exception cause) =>
        new($"{cacheFolder}: prepared data cannot be written there: {cause.Message} Set {CacheFolder.Variable} to a folder that can be written.", cause);
}
