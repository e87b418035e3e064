namespace PeftCluster.Jobs.Spec.Plugins;

/// <summary>
/// Who opens plugins. This project reads text and loads nobody's code: a job's reader asks a host which words the job's plugins add, and
/// where there is no host, what only a plugin can know stays unread (<see cref="UnreadMethod"/>).
/// </summary>
public interface IPluginHost
{
    /// <summary>Opens the plugins of one job.</summary>
    /// <param name="plugins">At least one.</param>
    /// <exception cref="BadInputException">One of them cannot be used; the line says which and why, without the place in the job's file.</exception>
    PluginWords Open(IReadOnlyList<PluginReference> plugins);
}

/// <summary>What plugins add to the words of a job.</summary>
/// <param name="Plugins">The plugins, each with the hash of its content.</param>
/// <param name="Methods">Records of <see cref="MethodSpec"/> by <c>method.type</c>.</param>
/// <param name="Losses">Records of <see cref="LossSpec"/> by <c>training.loss.type</c>.</param>
/// <param name="Metrics">Words of <c>evaluation.metrics</c>.</param>
public sealed record PluginWords(
    ValueList<PluginReference> Plugins, IReadOnlyDictionary<string, Type> Methods, IReadOnlyDictionary<string, Type> Losses, IReadOnlyCollection<string> Metrics);
