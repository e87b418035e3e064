using System.Text.Json;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>A row as a container gives it, valid until the next one is asked for.</summary>
/// <param name="Number">Its line where the container has lines, else the how-manieth row it is; from 1.</param>
/// <param name="Element">The row; whether it is an object, the shape asks.</param>
/// <param name="Problem">What is wrong with a row that cannot be read, as the end of a line; the rows after it can. Null: all is well.</param>
internal readonly record struct ContainerRow(int Number, JsonElement Element, string? Problem = null);

/// <summary>A kind of file that holds rows. Every kind gives them as JSON objects, so every shape works over each.</summary>
internal interface IRowContainer
{
    /// <summary>Its word in the key of prepared data: equal bytes are other rows in another container.</summary>
    string Name { get; }

    /// <summary>Whether a row's number is a line of the file.</summary>
    bool HasLines { get; }

    /// <summary>What a row has to be here, for messages: "an object on each line"; null where it is one by nature.</summary>
    string? RowIs { get; }

    /// <summary>Whether the file's end has to be read first.</summary>
    bool NeedsSeeking { get; }

    /// <summary>What to do about a file without rows.</summary>
    string Fill { get; }

    /// <summary>Streams the rows, in the file's order. Memory holds a row; of Parquet, a row group.</summary>
    /// <param name="stream">The unpacked bytes.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="BadInputException">The file is damaged, or a row is longer than 16 MB.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    IEnumerable<ContainerRow> Read(Stream stream, string path);
}
