using PeftCluster.Jobs;
using PeftCluster.Training.Merging;

namespace PeftCluster.Server.Node;

/// <summary>Base and adapter made one model on this machine's processor, with all of its cores.</summary>
public static class ModelMerge
{
    /// <param name="model">The base model's folder, or its name in the Hugging Face cache.</param>
    /// <param name="adapter">The adapter's folder.</param>
    /// <param name="target">The folder to make.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Ends it between tensors; nothing is left behind.</param>
    /// <exception cref="BadInputException">Something that was asked for cannot be.</exception>
    public static Task<MergeResult> OfAsync(string model, string adapter, string target, Action<string> warn, CancellationToken cancellation) =>
        LocalProcessor.RunAsync(token => AdapterMerge.Write(HubFolder.Here(new NodeFolders().Hub, model), adapter, target, warn, token), cancellation);
}
