using PeftCluster.Data.Formats;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Preflight;

/// <summary>The rows of a set, with the words for them in messages.</summary>
/// <param name="Key">data.train or data.eval.</param>
/// <param name="Rows">The rows.</param>
/// <param name="PlaceOf">Where a row stands: file and line.</param>
internal sealed record RowSet(string Key, ITokenRows Rows, Func<int, string> PlaceOf)
{
    /// <param name="key">The key of the job that names the rows' files.</param>
    /// <param name="paths">These files, in the set's order.</param>
    /// <param name="rows">The rows.</param>
    public static RowSet Of(string key, IReadOnlyList<string> paths, PreparedRows rows) =>
        new(key, rows, row => RowPlaces.In(paths[rows.File(row)]).Of(rows.Line(row)));
}
