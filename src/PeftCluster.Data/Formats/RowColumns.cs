using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>What the format's fields are named in the files (data.columns).</summary>
internal sealed class RowColumns
{
    private readonly Dictionary<string, string> _byField = [];

    /// <exception cref="BadInputException">A field is none of the format's, or two have one name.</exception>
    public RowColumns(ValueMap<string>? columns, IExampleFormat format)
    {
        foreach (var (field, column) in columns ?? [])
        {
            if (!format.Fields.Contains(field))
                throw new BadInputException($"data.columns: format {format.Name} has no {OneLine.Piece(field)}. It has {string.Join(", ", format.Fields)}; the name in the file stands behind it: {{{format.Fields[0]}: {OneLine.Piece(field)}}}.");
            _byField[field] = column;
        }
        All = [.. format.Fields.Select(Of)];
        if (All.Distinct().Count() < All.Count)
            throw new BadInputException($"data.columns: two of {string.Join(", ", format.Fields)} are read from one column. Give each a column of its own.");
    }

    /// <summary>The columns that the format reads, in the order of its fields.</summary>
    public IReadOnlyList<string> All { get; }

    public string Of(string field) => _byField.GetValueOrDefault(field, field);
}
