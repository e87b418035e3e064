using System.Text.Json.Serialization;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>What became of a set's rows.</summary>
/// <param name="Rows">Rows kept.</param>
/// <param name="Skipped">Rows left out because they have nothing to learn (data.on_empty: skip).</param>
/// <param name="Truncated">Kept rows that were cut at data.max_length.</param>
/// <param name="Tokens">Tokens of the kept rows.</param>
/// <param name="Labels">Those that carry a label.</param>
/// <param name="Longest">Tokens of the longest kept row.</param>
public sealed record SetReport(int Rows, int Skipped, int Truncated, long Tokens, long Labels, int Longest)
{
    /// <summary>All rows that were left out, by reason; those of <see cref="Skipped"/> are among them.</summary>
    [JsonConverter(typeof(ListConverter<LeftOut>))]
    public ValueList<LeftOut> LeftOut { get; init; } = [];

    /// <summary>How many rows were left out, for whatever reason.</summary>
    [JsonIgnore]
    public int AllLeftOut => LeftOut.Sum(one => one.Rows);

    /// <summary>The share of tokens that carry a label, 0 to 1.</summary>
    [JsonIgnore]
    public double LabelledShare => Tokens == 0 ? 0 : (double)Labels / Tokens;

    /// <summary>Whether a report that was read says what can be.</summary>
    [JsonIgnore]
    internal bool IsSound => LeftOut is not null && LeftOut.All(one => one is { First: not null } && Enum.IsDefined(one.Reason) && one.First.Count > 0
        && one.First.All(row => row is { File: >= 0, Number: > 0, What: not null }));
}
