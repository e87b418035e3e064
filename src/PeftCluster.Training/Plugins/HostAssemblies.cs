using System.Reflection;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Plugins;

/// <summary>
/// What this program consists of. A plugin uses these assemblies and never copies of its own: an interface is the same one only where its
/// assembly is.
/// </summary>
internal static class HostAssemblies
{
    // The program's own and the runtime's, as the runtime was started with them.
    private static readonly Dictionary<string, string> Paths = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .DistinctBy(Path.GetFileNameWithoutExtension)
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase);

    public static bool Has(string name) => Paths.ContainsKey(name);

    /// <summary>Refuses a plugin that was built against another version of a contract: before 1.0, each minor version may break it.</summary>
    public static void CheckVersion(string plugin, AssemblyName need)
    {
        if (!need.Name!.StartsWith("PeftCluster.", StringComparison.Ordinal) && need.Name != "TorchSharp")
            return;
        var (here, built) = (AssemblyName.GetAssemblyName(Paths[need.Name]).Version!, need.Version!);
        if ((here.Major, here.Minor) != (built.Major, built.Minor))
            throw new BadInputException(
                $"{plugin}: was built against {need.Name} {built.Major}.{built.Minor}, and this program has {here.Major}.{here.Minor}. Build it again against this one's assemblies.");
    }
}
