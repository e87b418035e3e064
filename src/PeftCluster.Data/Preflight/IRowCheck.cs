using System.Globalization;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Preflight;

/// <summary>Looks for one error in all rows of a set. All checks share one pass over the rows.</summary>
internal interface IRowCheck
{
    /// <param name="row">The row's number.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="spans">Which of them carry labels.</param>
    void See(int row, ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans);

    /// <summary>What was found in the rows that were seen.</summary>
    IEnumerable<Finding> Findings { get; }
}

/// <summary>How many rows have an error, and the first of them.</summary>
internal struct RowCount(RowSet set)
{
    private int _first;

    public int Rows { get; private set; }

    public void Add(int row)
    {
        if (Rows++ == 0)
            _first = row;
    }

    /// <summary>"data.train: 3 of 40 rows", for the start of a line.</summary>
    public readonly string Share => string.Create(CultureInfo.InvariantCulture, $"{set.Key}: {Rows:N0} of {set.Rows.Count:N0} rows");

    /// <summary>"(the first: rows.jsonl:17)", for its end.</summary>
    public readonly string First => $"(the first: {set.PlaceOf(_first)})";
}
