using System.Globalization;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Reads the files of a set into a spool, several rows at once and in their order: shape, side of the split, duplicates, tokens, length; then deals the mixture. What is left
/// out on the way is counted by reason.
/// </summary>
internal sealed class SetReading(SetInput input, RowMaking making, RowSpool spool)
{
    private readonly DataSpec _data = making.Data;
    private readonly LeftOutRows _leftOut = new();
    private readonly HashSet<UInt128> _known = [];
    private readonly long _bytes = input.Files.Sum(file => new FileInfo(file.Path).Length);
    private long _bytesBefore;
    private int _skipped;
    private int _truncated;

    /// <exception cref="BadInputException">A file, a row or the whole set is not fit.</exception>
    /// <exception cref="OperationCanceledException">Looked at after every few rows.</exception>
    public SetReport Read(PreparationOptions options, CancellationToken cancellation)
    {
        var counts = new List<int>();
        var number = 0;
        foreach (var entry in input.Entries)
        {
            var before = spool.Count / spool.Variants;
            foreach (var file in entry.Files)
                ReadFile(file, number++, options, cancellation);
            counts.Add(spool.Count / spool.Variants - before);
        }
        if (spool.Count == 0)
            throw Nothing();
        input.Draw?.Apply(spool);
        if (input.Entries.Any(entry => !entry.Source.IsPlain))
            spool.Choose(spool.RowsOf(Mixture.Pass([.. input.Entries.Select(entry => entry.Source)], counts, input.Seed)));
        if (spool.Count == 0)
            throw new BadInputException($"{input.Key}: no row is left of the mixture. Raise the epochs.");
        return spool.Report(_skipped, _truncated) with { LeftOut = _leftOut.All };
    }

    private void ReadFile(HashedFile file, int number, PreparationOptions options, CancellationToken cancellation)
    {
        var reader = new ExampleReader(file.Path, number, _data, making.Task, _leftOut, input.Split);
        RowEncoders.CheckModel(_data, making.Tokenizer, making.Chat);
        foreach (var batch in ParallelEncoding.InOrder(
            Examples(reader, number), EncodedBatch.SizeOf, examples => new EncodedBatch(making.Encoder(reader.Places), examples, _data, reader.Places), options.Threads, cancellation))
        {
            batch.AddTo(spool, _leftOut, number);
            (_skipped, _truncated) = (_skipped + batch.Skipped, _truncated + batch.Truncated);
            options.Progress?.Report(new PreparationProgress(input.Key, _bytesBefore + reader.BytesRead, _bytes, spool.Count));
        }
        file.CheckUnchanged(reader.Sha256);
        _skipped += reader.Skipped;
        _bytesBefore += new FileInfo(file.Path).Length;
    }

    // One thread reads, so of equal rows it is the first that is kept.
    private IEnumerable<Example> Examples(ExampleReader reader, int file)
    {
        foreach (var (example, content) in reader.ReadRows())
        {
            if (_data.DropDuplicates && !_known.Add(content))
                _leftOut.Add(LeftOutReason.Duplicate, file, example.Line, "the row's content came before.");
            else
                yield return example;
        }
    }

    private BadInputException Nothing()
    {
        var where = input.Files is [var only] ? only.Path : input.Key;
        var leftOut = _leftOut.All;
        var rows = leftOut.Sum(one => one.Rows);
        if (input.Split is { } split && rows == 0)
            return new BadInputException(split.HeldOut
                ? "data.eval_fraction: no row is held out: the files have too few. Raise it, or name held-out files in data.eval."
                : "data.eval_fraction: every row is held out. Lower it.");
        if (rows == 0)
            return new BadInputException(input.Files is [_]
                ? $"{where}: has no rows. {FileEnding.Of(where).Container.Fill}"
                : $"{where}: none of its {input.Files.Count:N0} files has rows.");
        if (leftOut is [{ Reason: LeftOutReason.Empty }])
            return new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{where}: none of its {rows:N0} rows has anything to learn. Fill the completions, or raise data.max_length."));
        var first = leftOut[0].First[0];
        return new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{where}: none of its {rows:N0} rows is used. The first, {input.PlaceOf(first)}: {first.What}"));
    }
}
