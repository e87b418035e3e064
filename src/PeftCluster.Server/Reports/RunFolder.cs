namespace PeftCluster.Server.Reports;

/// <summary>The names inside a run's folder that watchers write and people look for (docs/output-folder.md).</summary>
/// <param name="Path">The folder: output.folder.</param>
public sealed record RunFolder(string Path)
{
    /// <summary>The job as resolved, every default written out.</summary>
    public string Job => In("job.yaml");

    /// <summary>The schema that editors complete it with.</summary>
    public string Schema => In("job.schema.json");

    /// <summary>One JSON object for each step, evaluation, snapshot, warning, start and end.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>Event files for TensorBoard.</summary>
    public string TensorBoard => In("tensorboard");

    /// <summary>The report page.</summary>
    public string Report => In("report.html");

    public string Log => In("run.log");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
