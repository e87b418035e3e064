namespace PeftCluster.Training.Models;

/// <summary>
/// One <see cref="WeightStore"/> per model folder and process: the first who asks reads it, the others wait and share it, the last
/// who is done frees it.
/// </summary>
public sealed class SharedWeights : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, SharedWeights> Open = new(StringComparer.Ordinal);

    private readonly string _folder;
    private int _users;

    private SharedWeights(string folder, ModelConfig config, WeightStore store) => (_folder, Config, Store) = (folder, config, store);

    public ModelConfig Config { get; }

    public WeightStore Store { get; }

    /// <summary>The folder's weights, for the caller until it disposes what it got, once. Call it on a device's thread.</summary>
    public static SharedWeights Of(string folder, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(folder);
        lock (Gate)
        {
            if (!Open.TryGetValue(path, out var shared))
            {
                var config = ModelConfigFile.Load(path);
                Open[path] = shared = new SharedWeights(path, config, WeightStore.Open(path, config, cancellation));
            }
            shared._users++;
            return shared;
        }
    }

    /// <summary>How many hold the folder's weights now; 0: they are not in memory.</summary>
    public static int UsersOf(string folder)
    {
        lock (Gate)
            return Open.TryGetValue(Path.GetFullPath(folder), out var shared) ? shared._users : 0;
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--_users > 0)
                return;
            Open.Remove(_folder);
            Store.Dispose();
        }
    }
}
