using System.Text.RegularExpressions;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>The name in a file of a C# name: <c>LrSchedulerType</c> → <c>lr_scheduler_type</c>, <c>AdamBeta1</c> → <c>adam_beta1</c>, <c>DInitial</c> → <c>d_initial</c>.</summary>
internal static partial class SnakeCase
{
    public static string Of(string name) => Boundary().Replace(name, "_").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")]
    private static partial Regex Boundary();
}
