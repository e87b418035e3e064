using System.Globalization;

namespace PeftCluster.Data.Formats;

/// <summary>Where a file's rows are, as messages say it: <c>rows.csv:17</c> where it has lines, else <c>rows.parquet: row 17</c>.</summary>
internal readonly record struct RowPlaces(string Path, bool HasLines)
{
    public string Of(int number) => HasLines
        ? string.Create(CultureInfo.InvariantCulture, $"{Path}:{number}")
        : string.Create(CultureInfo.InvariantCulture, $"{Path}: row {number}");
}
