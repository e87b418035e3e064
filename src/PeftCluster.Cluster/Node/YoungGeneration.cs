namespace PeftCluster.Cluster.Node;

/// <summary>
/// How many bytes a node allocates before the collector looks at its youngest objects. By default that goes by the processor's cache, which is tens of megabytes on a
/// server: a coordinator's steps leave nothing but garbage, so its resident memory grows by just that before the first look. The runtime takes this from the environment
/// only, when it starts.
/// </summary>
public static class YoungGeneration
{
    private const string Variable = "DOTNET_GCGen0MaxBudget";

    // Hexadecimal: 4 MB.
    private const string Budget = "400000";

    /// <summary>The variable that a process should have; null: the user has said how much.</summary>
    public static (string Name, string Value)? Lacking => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) ? (Variable, Budget) : null;
}
