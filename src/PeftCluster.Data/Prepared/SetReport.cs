using System.Text.Json.Serialization;

namespace PeftCluster.Data.Prepared;

/// <summary>What became of one data file's rows.</summary>
/// <param name="Rows">Rows kept.</param>
/// <param name="Skipped">Rows left out because they have nothing to learn (data.on_empty: skip).</param>
/// <param name="Truncated">Kept rows that were cut at data.max_length.</param>
/// <param name="Tokens">Tokens of the kept rows.</param>
/// <param name="Labels">Those that carry a label.</param>
/// <param name="Longest">Tokens of the longest kept row.</param>
public sealed record SetReport(int Rows, int Skipped, int Truncated, long Tokens, long Labels, int Longest)
{
    /// <summary>The share of tokens that carry a label, 0 to 1.</summary>
    [JsonIgnore]
    public double LabelledShare => Tokens == 0 ? 0 : (double)Labels / Tokens;
}
