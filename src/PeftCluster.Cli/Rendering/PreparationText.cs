using PeftCluster.Data.Prepared;

namespace PeftCluster.Cli.Rendering;

/// <summary>How far the preparation of data is, as one line: with a bar for a terminal, without for a file.</summary>
internal static class PreparationText
{
    /// <summary>Where nobody looks, a line for each so many bytes is enough; small data brings none.</summary>
    private const long Milestone = 64_000_000;

    private const int BarWidth = 20;

    public static string Live(PreparationProgress progress) =>
        $"preparing  {progress.Set,-10}  {Sparkline.Progress((double)progress.BytesRead / Math.Max(progress.Bytes, 1), BarWidth)}   {Figures.Bytes(progress.BytesRead)} of {Figures.Bytes(progress.Bytes)}   {Figures.Count(progress.Rows)} rows";

    public static string Plain(PreparationProgress progress) =>
        $"preparing  {progress.Set}: {Figures.Bytes(progress.BytesRead)} of {Figures.Bytes(progress.Bytes)} read, {Figures.Count(progress.Rows)} rows";

    /// <summary>Whether a milestone lies between two looks.</summary>
    public static bool IsMilestone(PreparationProgress? before, PreparationProgress now) =>
        now.BytesRead / Milestone > (before?.Set == now.Set ? before.BytesRead / Milestone : 0);
}
