using PeftCluster.Jobs.Spec;

namespace PeftCluster.Training.Models;

/// <summary>
/// One <see cref="WeightStore"/> per model folder, number format and process: the first who asks reads it, the others wait and share it, the last
/// who is done frees it.
/// </summary>
public sealed class SharedWeights : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(string Folder, BaseDtype Dtype), SharedWeights> Open = [];

    private readonly (string Folder, BaseDtype Dtype) _key;
    private int _users;

    private SharedWeights((string, BaseDtype) key, ModelConfig config, WeightStore store) => (_key, Config, Store) = (key, config, store);

    public ModelConfig Config { get; }

    public WeightStore Store { get; }

    /// <summary>The folder's weights, for the caller until it disposes what it got, once. Call it on a device's thread.</summary>
    public static SharedWeights Of(string folder, CancellationToken cancellation) => Of(folder, BaseDtype.Float32, cancellation);

    /// <summary>The same in another number format.</summary>
    public static SharedWeights Of(string folder, BaseDtype dtype, CancellationToken cancellation)
    {
        var key = (Path.GetFullPath(folder), dtype);
        lock (Gate)
        {
            if (!Open.TryGetValue(key, out var shared))
            {
                var config = ModelConfigFile.Load(folder);
                Open[key] = shared = new SharedWeights(key, config, WeightStore.Open(key.Item1, config, dtype, cancellation));
            }
            shared._users++;
            return shared;
        }
    }

    /// <summary>How many hold the folder's weights now; 0: they are not in memory.</summary>
    public static int UsersOf(string folder)
    {
        lock (Gate)
            return Open.Where(pair => pair.Key.Folder == Path.GetFullPath(folder)).Sum(pair => pair.Value._users);
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--_users > 0)
                return;
            Open.Remove(_key);
            Store.Dispose();
        }
    }
}
