namespace PeftCluster.Training.Native;

/// <summary>
/// Settings of glibc's heap that it reads only when a process starts (<see cref="ProcessStart"/>). Unusual: libtorch asks for memory on 64-byte boundaries, and of
/// each such block glibc cuts off two crumbs; kept for small requests, as is the default, the crumbs hold blocks apart that were neighbours, and a freed block no
/// longer fits the next tensor of its size. Without these caches a training step has a seventh less resident memory, and the same bits.
/// </summary>
public static class GlibcTunables
{
    private const string Variable = "GLIBC_TUNABLES";

    // mallopt can switch off the second of the two caches only.
    private static readonly string[] Wanted = ["glibc.malloc.tcache_count=0", "glibc.malloc.mxfast=0"];

    /// <summary>The variable that a process should have; null: it says something about these settings already.</summary>
    public static (string Name, string Value)? Lacking => Joined(Environment.GetEnvironmentVariable(Variable)) is { } all ? (Variable, all) : null;

    /// <summary>
    /// The variable's value with what is wanted; null: it says something about one of them already. One is enough, since glibc cuts the variable up where it lies: were all
    /// looked for, a process that sees a part of it would start itself for ever.
    /// </summary>
    /// <param name="value">The value; null: none.</param>
    internal static string? Joined(string? value)
    {
        string[] said = value?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
        bool IsSaid(string wanted) => said.Any(one => one.Split('=')[0] == wanted.Split('=')[0]);
        return Wanted.Any(IsSaid) ? null : string.Join(':', said.Concat(Wanted));
    }
}
