using System.Globalization;
using PeftCluster.Server.Chaos;

namespace PeftCluster.Cli.Rendering;

/// <summary>Rows of a matrix of faults as lines.</summary>
internal static class ChaosText
{
    public static string Row(ChaosRow row) => $"{row.Fault,-56} {row.Point}";

    public static string Result(ChaosResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{Mark(result),-11} {result.Fault,-56} {(result.RecoveryMs is { } milliseconds ? $"{milliseconds:0} ms" : "-"),9}  {result.Note}");

    private static string Mark(ChaosResult result) => result.Unavailable ? "unavailable" : result.Passed ? "held" : result.Fired ? "FAILED" : "NOT FIRED";
}
