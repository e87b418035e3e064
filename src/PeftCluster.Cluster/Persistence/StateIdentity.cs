using System.Text;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// The name of a state folder, in a file of it. Coordinators on several hosts see by it that their <c>--state</c> is one folder, under
/// whatever path each of them has it.
/// </summary>
public static class StateIdentity
{
    private const string FileName = "state-id";

    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(50), _patience = TimeSpan.FromSeconds(5);

    /// <summary>The folder's name; a folder without one gets it.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static async Task<string> OfAsync(IRunFiles files, string folder, TimeProvider time)
    {
        var path = Path.Combine(folder, FileName);
        if (!IsThere(files, folder))
        {
            try
            {
                var fresh = JobId.New(time).ToString();
                using var file = files.Create(path);
                file.Append(Encoding.ASCII.GetBytes(fresh), sync: true);
                return fresh;
            }
            catch (IOException) when (IsThere(files, folder))
            {
                // Another coordinator was faster.
            }
        }
        for (var waited = TimeSpan.Zero; waited < _patience; waited += _again)
        {
            if (Read(files, path) is { Length: 26 } name)
                return name;
            // Whoever makes the file may not have come to its content.
            await Task.Delay(_again, time);
        }
        throw new IOException($"{path}: holds no state folder's name. Remove the file if no coordinator uses the folder.");
    }

    private static bool IsThere(IRunFiles files, string folder) => files.Names(folder).Contains(FileName);

    private static string Read(IRunFiles files, string path)
    {
        using var reader = new StreamReader(files.Read(path));
        return reader.ReadToEnd();
    }
}
