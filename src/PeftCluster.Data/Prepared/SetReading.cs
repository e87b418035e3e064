using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Reads the files of a set into a spool, row by row: shape, side of the split, duplicates, tokens, length; then deals the mixture. What is left
/// out on the way is counted by reason.
/// </summary>
internal sealed class SetReading(SetInput input, DataSpec data, TextTokenizer tokenizer, ChatTemplate? chat, RowSpool spool)
{
    private readonly LeftOutRows _leftOut = new();
    private readonly HashSet<UInt128> _known = [];
    private int _skipped;
    private int _truncated;

    /// <exception cref="BadInputException">A file, a row or the whole set is not fit.</exception>
    /// <exception cref="OperationCanceledException">Checked at every row.</exception>
    public SetReport Read(CancellationToken cancellation)
    {
        var counts = new List<int>();
        var number = 0;
        foreach (var entry in input.Entries)
        {
            var before = spool.Count;
            foreach (var file in entry.Files)
                ReadFile(file, number++, cancellation);
            counts.Add(spool.Count - before);
        }
        if (spool.Count == 0)
            throw Nothing();
        if (input.Entries.Any(entry => entry.Source is not { Weight: null, Epochs: null }))
            spool.Choose(Mixture.Pass([.. input.Entries.Select(entry => entry.Source)], counts, input.Seed));
        if (spool.Count == 0)
            throw new BadInputException($"{input.Key}: no row is left of the mixture. Raise the epochs.");
        return spool.Report(_skipped, _truncated) with { LeftOut = _leftOut.All };
    }

    private void ReadFile(HashedFile file, int number, CancellationToken cancellation)
    {
        var reader = new ExampleReader(file.Path, number, data, _leftOut, input.Split);
        var encoder = RowEncoders.Of(reader.Places, data, tokenizer, chat);
        foreach (var (example, content) in reader.ReadRows())
        {
            cancellation.ThrowIfCancellationRequested();
            if (data.DropDuplicates && !_known.Add(content))
                _leftOut.Add(LeftOutReason.Duplicate, number, example.Line, "the row's content came before.");
            else
                Encode(encoder, example, number, reader.Places);
        }
        file.CheckUnchanged(reader.Sha256);
        _skipped += reader.Skipped + encoder.Skipped;
        _truncated += encoder.Truncated;
    }

    private void Encode(IRowEncoder encoder, Example example, int file, RowPlaces places)
    {
        try
        {
            var rows = 0;
            foreach (var row in encoder.Encode(example))
            {
                rows++;
                if (row.Tokens.Count < data.MinLength)
                    _leftOut.Add(LeftOutReason.TooShort, file, example.Line, string.Create(CultureInfo.InvariantCulture, $"the row has {row.Tokens.Count:N0} tokens."));
                else
                    spool.Add(file, example.Line, CollectionsMarshal.AsSpan(row.Tokens), row.Spans);
            }
            if (rows == 0)
                _leftOut.Add(encoder.LeftOut.Reason, file, example.Line, encoder.LeftOut.Why);
        }
        catch (RowRefused refused) when (data.OnBadRow == OnBadRow.Skip)
        {
            _leftOut.Add(LeftOutReason.BadRow, file, example.Line, refused.Message);
        }
        catch (RowRefused refused)
        {
            throw new BadInputException($"{places.Of(example.Line)}: {refused.Message}", refused);
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
