using System.Globalization;
using PeftCluster.Data.Formats.Containers;

namespace PeftCluster.Data.Formats;

/// <summary>Where a file's rows are, as messages say it: <c>rows.csv:17</c> where it has lines, else <c>rows.parquet: row 17</c>.</summary>
internal readonly record struct RowPlaces(string Path, bool HasLines)
{
    /// <summary>The places of a data file.</summary>
    public static RowPlaces In(string path) => new(path, FileEnding.Of(path).Container.HasLines);

    public string Of(int number) => HasLines
        ? string.Create(CultureInfo.InvariantCulture, $"{Path}:{number}")
        : string.Create(CultureInfo.InvariantCulture, $"{Path}: row {number}");
}
