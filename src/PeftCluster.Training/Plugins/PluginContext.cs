using System.Reflection;
using System.Runtime.Loader;

namespace PeftCluster.Training.Plugins;

/// <summary>Where one plugin's assemblies live: what it brought along is its own, everything else is this program's.</summary>
internal sealed class PluginContext(PluginFile file) : AssemblyLoadContext(file.Name)
{
    public Assembly LoadPlugin() => LoadFromStream(new MemoryStream(file.Bytes, writable: false));

    protected override Assembly? Load(AssemblyName assemblyName) =>
        file.Own.TryGetValue(assemblyName.Name!, out var own) ? LoadFromStream(new MemoryStream(own, writable: false)) : null;
}
