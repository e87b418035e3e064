namespace PeftCluster.Data.Prepared;

/// <summary>Where prepared data lies when nobody says otherwise: $PEFTCLUSTER_HOME, else ~/.cache/peftcluster.</summary>
public static class CacheFolder
{
    public const string Variable = "PEFTCLUSTER_HOME";

    public static string Default() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } home
        ? Path.GetFullPath(home)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "peftcluster");
}
