using System.Globalization;

namespace PeftCluster.Server.Chaos;

/// <summary>What one node process has on disk: its state, what it said, its plan, and the strikes of its faults.</summary>
/// <param name="Folder">The row's folder.</param>
/// <param name="Name">The process's name, with its life where it was started again.</param>
internal sealed record NodeFiles(string Folder, string Name)
{
    public string Plan => Path.Combine(Folder, $"{Name}.plan.json");

    public string Strikes => Path.Combine(Folder, $"{Name}.fired");

    public string Pid => Path.Combine(Folder, $"{Name}.pid");

    /// <summary>Ends the holds of this process.</summary>
    public void GoOn() => File.WriteAllText(Strikes + ".go", "");

    /// <summary>Its strikes so far: point, action, and when, in milliseconds since 1970.</summary>
    public IReadOnlyList<Strike> Struck()
    {
        if (!File.Exists(Strikes))
            return [];
        using var file = new StreamReader(new FileStream(Strikes, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. file.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Where(words => words.Length == 4)
            .Select(words => new Strike(Name, words[0], words[1], int.Parse(words[2], CultureInfo.InvariantCulture), long.Parse(words[3], CultureInfo.InvariantCulture)))];
    }
}

/// <summary>A fault has struck.</summary>
/// <param name="Node">In which process.</param>
/// <param name="Point">Where.</param>
/// <param name="Action">What.</param>
/// <param name="Number">The number of the pass: for most points the step.</param>
/// <param name="Milliseconds">When, in milliseconds since 1970.</param>
internal sealed record Strike(string Node, string Point, string Action, int Number, long Milliseconds);
