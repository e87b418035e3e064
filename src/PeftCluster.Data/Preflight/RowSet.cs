using System.Globalization;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Preflight;

/// <summary>The rows of a set, with the words for them in messages.</summary>
/// <param name="Key">data.train or data.eval.</param>
/// <param name="Rows">The rows.</param>
/// <param name="PlaceOf">Where a row stands: file and line.</param>
internal sealed record RowSet(string Key, ITokenRows Rows, Func<int, string> PlaceOf)
{
    public static RowSet Of(string key, string path, PreparedRows rows) =>
        new(key, rows, row => string.Create(CultureInfo.InvariantCulture, $"{path}:{rows.Line(row)}"));
}
