using System.Diagnostics.CodeAnalysis;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Where rows come from: a path, or a mixture of several. A path alone stands for itself: <c>Train = "data/train.jsonl"</c>.
/// </summary>
public sealed record DataSources(ValueList<DataSource> Entries)
{
    /// <summary>Whether each row is taken once: no entry has a weight or epochs.</summary>
    public bool IsPlain => Entries.All(entry => entry.IsPlain);

    [return: NotNullIfNotNull(nameof(path))]
    public static implicit operator DataSources?(string? path) => path is null ? null : Of(path);

    public static DataSources Of(string path) => new([new DataSource { Path = path }]);

    public override string ToString() => string.Join(", ", Entries.Select(entry => entry.Path));
}

/// <summary>A file, a folder, or a pattern of file names, and how often its rows are taken.</summary>
public sealed record DataSource
{
    /// <summary>A file, a folder (all data files in it and below, in the order of their names), or a pattern such as `data/*.jsonl`, in which `**` stands for any folders.</summary>
    [LocalPath, Example("data/train.jsonl")]
    public required string Path { get; init; }

    /// <summary>The share of its rows in a pass, beside the weights of the others; null: no shares, each row as often as epochs says.</summary>
    [In("(0, 1000000]")]
    public double? Weight { get; init; }

    /// <summary>How often each row stands in a pass; of a fraction, a random part of the rows stands once more. Null: once.</summary>
    [In("(0, 1000]")]
    public double? Epochs { get; init; }

    /// <summary>Whether each of its rows stands once in a pass.</summary>
    public bool IsPlain => this is { Weight: null, Epochs: null };

    /// <summary>Whether the path is a pattern. A file that has an asterisk in its name is a file.</summary>
    public bool IsPattern => Path.Contains('*', StringComparison.Ordinal) && !File.Exists(Path);
}
