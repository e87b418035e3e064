using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using DataFile = PeftCluster.Data.Formats.DataFile;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// From files to tokens, once. Phases for each data file: hash it and look its key up in the cache; else read, encode
/// and spool every row, deal the rows to the job's shards, and write a file for each shard. Then both sets are compared.
/// </summary>
public static class DataPreparation
{
    /// <summary>Prepares the job's rows, or finds them prepared.</summary>
    /// <param name="job">The job; its model folder holds the tokenizer.</param>
    /// <param name="cacheFolder">Where prepared data lies (<see cref="CacheFolder.Default"/>).</param>
    /// <param name="cancellation">Checked at every row.</param>
    /// <exception cref="BadInputException">A file, a row or the tokenizer is not fit; or the cache folder cannot be written.</exception>
    public static PreparedData Prepare(JobSpec job, string cacheFolder, CancellationToken cancellation = default)
    {
        var tokenizer = TextTokenizer.Load(job.Model);
        CheckPacking(job, tokenizer);
        var chat = JobTemplate.Of(job);
        var store = OpenStore(cacheFolder);
        var train = PrepareSet(store, cacheFolder, job.Data.Train, job.Data, tokenizer, chat, job.Training.MicroBatches, job.Training.Seed, cancellation);
        try
        {
            // Held-out rows are evaluated in file order, so one file holds them and no seed decides.
            var eval = job.Data.Eval is { } path
                ? PrepareSet(store, cacheFolder, path, job.Data, tokenizer, chat, shards: 1, seed: 0, cancellation)
                : null;
            return new PreparedData(train.Rows, eval?.Rows, tokenizer, Report(job, tokenizer, train, eval), InputKey.Of(train.Key, eval?.Key),
                [.. train.FilesAs(DataNames.Train), .. eval?.FilesAs(DataNames.HeldOut) ?? []]);
        }
        catch
        {
            train.Rows.Dispose();
            throw;
        }
    }

    private static void CheckPacking(JobSpec job, TextTokenizer tokenizer)
    {
        var reason = !job.Data.Packing ? null
            : tokenizer.HasEncoder ? "an encoder reads each prompt apart from its completion, so rows cannot share one"
            : tokenizer.Classes is not null ? "a classifier names one class a row"
            : null;
        if (reason is not null)
            throw new BadInputException($"data.packing: {reason}. Remove packing; rows of about the same length come together anyway (training.group_by_length).");
    }

    private sealed record PreparedSet(PreparedStore.Found Found, string Key, string? Damage)
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
        PreparedStore store, string cacheFolder, string path, DataSpec data, TextTokenizer tokenizer, ChatTemplate? chat, int shards, long seed, CancellationToken cancellation)
    {
        var sha256 = HashOf(path);
        var key = InputKey.Of(sha256, data, tokenizer, chat, shards, seed);
        if (store.Open(key, out var damage) is { } found)
            return new PreparedSet(found, key, null);
        try
        {
            using var spool = store.CreateSpool();
            var report = Encode(path, sha256, data, tokenizer, chat, spool, cancellation);
            store.Write(key, spool, report, ShardAssignment.Of(spool.Count, shards, seed));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(cacheFolder, unwritable);
        }
        var written = store.Open(key, out var fresh)
            ?? throw new IOException($"{cacheFolder}: prepared data cannot be read back: {fresh}");
        return new PreparedSet(written, key, damage);
    }

    private static SetReport Encode(
        string path, string sha256, DataSpec data, TextTokenizer tokenizer, ChatTemplate? chat, RowSpool spool, CancellationToken cancellation)
    {
        var reader = new ExampleReader(path, data);
        var encoder = RowEncoders.Of(path, data, tokenizer, chat);
        foreach (var example in reader.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var row in encoder.Encode(example))
                spool.Add(0, example.Line, CollectionsMarshal.AsSpan(row.Tokens), row.Spans);
        }
        if (reader.Sha256 != sha256)
            throw new BadInputException($"{path}: changed while it was read. Start again when it is written.");
        var skipped = reader.Skipped + encoder.Skipped;
        if (spool.Count == 0)
            throw NoRows(path, skipped);
        return spool.Report(skipped, encoder.Truncated);
    }

    private static PreparationReport Report(JobSpec job, TextTokenizer tokenizer, PreparedSet train, PreparedSet? eval)
    {
        var shared = eval is null ? 0 : PromptOverlap.Of(train.Rows, eval.Rows);
        List<string> warnings = [.. PreparationReport.Warn("data.train", train.Report, job.Data.MaxLength)];
        if (eval is not null)
            warnings.AddRange(PreparationReport.Warn("data.eval", eval.Report, job.Data.MaxLength));
        if (shared > 0)
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"data.eval: {shared:N0} of {eval!.Rows.Count:N0} rows have a prompt that is also in data.train: they measure memory, not learning. Drop them."));
        if (tokenizer.EosId is null && tokenizer.Classes is null)
            warnings.Add($"{job.Model}: no eos token in tokenizer_config.json, config.json or generation_config.json, so rows end without one and answers stop at evaluation.max_new_tokens only.");
        warnings.AddRange(tokenizer.Notes);
        foreach (var damage in new[] { train.Damage, eval?.Damage }.OfType<string>())
            warnings.Add($"prepared data was damaged and made again: {damage}.");
        return new PreparationReport(train.Report, eval?.Report, shared, warnings);
    }

    private static string HashOf(string path)
    {
        using var stream = DataFile.Open(path);
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (IOException unreadable)
        {
            throw DataFile.Unreadable(path, unreadable);
        }
    }

    private static BadInputException NoRows(string path, int skipped) => new(skipped == 0
        ? $"{path}: has no rows. Write one JSON object on each line."
        : string.Create(CultureInfo.InvariantCulture, $"{path}: none of its {skipped:N0} rows has anything to learn. Fill the completions, or raise data.max_length."));

    private static BadInputException Unwritable(string cacheFolder, Exception cause) =>
        new($"{cacheFolder}: prepared data cannot be written there: {cause.Message} Set {CacheFolder.Variable} to a folder that can be written.", cause);
}
