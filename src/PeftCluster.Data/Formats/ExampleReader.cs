using System.Security.Cryptography;
using System.Text.Json;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Data.Tasks;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>An example and the hash of its row's content, where somebody asks for it.</summary>
internal readonly record struct ReadRow(Example Example, UInt128 Content);

/// <summary>
/// Streams the examples of one data file, in the file's order: container, then the format's shape. Rows that cannot be used and blank completions
/// are refused or counted, as <see cref="DataSpec.OnBadRow"/> and <see cref="DataSpec.OnEmpty"/> say.
/// </summary>
public sealed class ExampleReader
{
    private readonly string _path;
    private readonly int _file;
    private readonly DataSpec _data;
    private readonly LeftOutRows _leftOut;
    private readonly HeldOutSplit? _split;
    private readonly IExampleFormat _format;
    private readonly RowColumns _columns;
    private readonly RowContent _content;
    private readonly FileEnding _ending;

    /// <exception cref="BadInputException">data.columns does not fit the format, or the task cannot be read.</exception>
    public ExampleReader(string path, DataSpec data) : this(path, 0, data, DataTask.Of(data), new LeftOutRows(), null)
    {
    }

    /// <param name="path">The file.</param>
    /// <param name="file">Its number in the set.</param>
    /// <param name="data">Format and policies.</param>
    /// <param name="task">The job's task; null where its rows have no choices.</param>
    /// <param name="leftOut">Takes what is left out.</param>
    /// <param name="split">The side whose rows are given; null: all.</param>
    internal ExampleReader(string path, int file, DataSpec data, DataTask? task, LeftOutRows leftOut, HeldOutSplit? split)
    {
        (_path, _file, _data, _leftOut, _split) = (path, file, data, leftOut, split);
        _format = ExampleFormats.Of(data, task);
        _columns = new RowColumns(data.Columns, _format);
        _content = new RowContent(_columns.All);
        _ending = FileEnding.Of(path);
        Places = new RowPlaces(path, _ending.Container.HasLines);
    }

    internal RowPlaces Places { get; }

    /// <summary>Rows left out because their completion is blank.</summary>
    public int Skipped { get; private set; }

    /// <summary>SHA-256 of the file as it was read, 64 hex digits; null until the last row was read, and for Parquet, which is not read from front to end.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>How much of the file was read so far; no more than a buffer ahead of the rows that were given.</summary>
    public long BytesRead { get; private set; }

    /// <exception cref="BadInputException">The file cannot be read, or a row is not what the format says: file, line, what, remedy.</exception>
    public IEnumerable<Example> Read() => ReadRows().Select(row => row.Example);

    internal IEnumerable<ReadRow> ReadRows()
    {
        using var file = DataFile.Open(_path);
        if (_ending is { Packing: Packing.None, Container.NeedsSeeking: true })
        {
            foreach (var row in Rows(file, file))
                yield return row;
            yield break;
        }
        using var hash = SHA256.Create();
        using var hashed = new CryptoStream(file, hash, CryptoStreamMode.Read, leaveOpen: true);
        using (var unpacked = Unpack(hashed))
        {
            foreach (var row in Rows(unpacked, file))
                yield return row;
        }
        // What is behind the rows belongs to the file too.
        hashed.CopyTo(Stream.Null);
        Sha256 = Convert.ToHexStringLower(hash.Hash!);
    }

    private IEnumerable<ReadRow> Rows(Stream stream, FileStream file)
    {
        using var rows = _ending.Container.Read(stream, _path).GetEnumerator();
        while (Next(rows))
        {
            BytesRead = file.Position;
            if (Parse(rows.Current) is { } row && !IsBlank(row.Example))
                yield return row;
        }
    }

    private Stream Unpack(CryptoStream hashed)
    {
        var unpacked = DataStream.Unpack(hashed, _path, _ending.Packing);
        try
        {
            return _ending.Container.NeedsSeeking ? DataStream.Seekable(unpacked) : unpacked;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw DataFile.Unreadable(_path, unreadable);
        }
    }

    /// <summary>The row as its shape reads it; null: it is left out, or on the other side.</summary>
    private ReadRow? Parse(ContainerRow row)
    {
        try
        {
            var read = Shaped(row);
            return _split?.Takes(read.Content) == false ? null : read;
        }
        catch (RowRefused refused) when (_data.OnBadRow == OnBadRow.Skip)
        {
            // A bad row has no side; it is told of once, among the training rows.
            if (_split is not { HeldOut: true })
                _leftOut.Add(LeftOutReason.BadRow, _file, row.Number, refused.Message);
            return null;
        }
        catch (RowRefused refused)
        {
            throw new BadInputException($"{Places.Of(row.Number)}: {refused.Message}", refused.InnerException ?? refused);
        }
    }

    private ReadRow Shaped(ContainerRow row)
    {
        var wanted = _ending.Container.RowIs is { } kind ? $" Format {_format.Name} expects {kind}, with {_format.Expects}." : "";
        if (row.Problem is { } problem)
            throw new RowRefused(problem + wanted);
        if (row.Element.ValueKind != JsonValueKind.Object)
            throw new RowRefused($"the row is {ExampleRow.Kind(row.Element)}, not an object.{wanted}");
        try
        {
            var example = _format.Parse(new ExampleRow(row.Element, row.Number, _format, _columns));
            return new ReadRow(example, _split is not null || _data.DropDuplicates ? _content.Of(row.Element) : default);
        }
        catch (InvalidOperationException broken) // bytes that are not UTF-8, or a \u escape that is half a character
        {
            throw new RowRefused("the row has text that is not Unicode. Save the file as UTF-8, or drop the row.", broken);
        }
    }

    private bool IsBlank(Example example)
    {
        if (!string.IsNullOrWhiteSpace(example.Completion))
            return false;
        var field = _columns.Of(_format.CompletionField);
        if (_data.OnEmpty == OnEmpty.Refuse)
            throw new BadInputException($"{Places.Of(example.Line)}: \"{field}\" is empty. An example needs at least one token to learn from. Drop the row, or set data.on_empty: skip.");
        Skipped++;
        _leftOut.Add(LeftOutReason.Empty, _file, example.Line, $"\"{field}\" is empty.");
        return true;
    }

    private bool Next(IEnumerator<ContainerRow> rows)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (IOException unreadable)
        {
            throw DataFile.Unreadable(_path, unreadable);
        }
    }
}
