using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using PeftCluster.Cluster.Faults;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// Starts nodes as processes of this executable. Each holds a pipe to this process as its input and ends at once when the pipe does: so none
/// is left, even when this process is killed with SIGKILL.
/// </summary>
internal static class NodeLauncher
{
    /// <summary>The secret of every row's cluster.</summary>
    public static byte[] Secret { get; } = "a secret of the rows' own"u8.ToArray();

    /// <summary>This executable, and the words that come before its own.</summary>
    public static IReadOnlyList<string> Own { get; } = OfProcess();

    /// <summary>Starts a node.</summary>
    /// <param name="files">Where it writes.</param>
    /// <param name="before">Words before its command: where it runs.</param>
    /// <param name="words">Its command line after <c>peft node</c>.</param>
    /// <param name="plan">What is planted in it, or null.</param>
    public static NodeProcessHandle Start(NodeFiles files, IReadOnlyList<string> before, IEnumerable<string> words, FaultPlan? plan)
    {
        string[] planted = [];
        if (plan is not null)
        {
            File.WriteAllText(files.Plan, plan.ToJson());
            planted = ["--faults", files.Plan];
        }
        var process = Begin([.. before, .. Own, "node", "--end-with-input", .. words, .. planted]);
        File.WriteAllText(files.Pid, process.Id.ToString(CultureInfo.InvariantCulture));
        return NodeProcessHandle.Start(files, process);
    }

    /// <summary>Starts another command of this executable.</summary>
    public static Process BeginOwn(IEnumerable<string> words) => Begin([.. Own, .. words]);

    private static Process Begin(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Many small processes that live for seconds, in which the runtime would compile half of what it has compiled a second time (milliseconds, hexadecimal).
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "7D0";
        start.Environment["DOTNET_gcServer"] = "0";
        // Many are killed, and would leave the runtime's pipes for debuggers in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["PEFTCLUSTER_SECRET"] = Encoding.UTF8.GetString(Secret);
        return Process.Start(start) ?? throw new InvalidOperationException("no process was started");
    }

    private static IReadOnlyList<string> OfProcess()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the system does not say which program this is");
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Assembly.GetEntryAssembly()!.Location] : [program];
    }
}
