using System.Text;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Server.Reports;

/// <summary>job.yaml as resolved, and beside it the schema that editors complete it with: the folder alone says what was asked.</summary>
public sealed class JobCopy : IRunWatcher
{
    public void Opened(RunHeader header)
    {
        File.WriteAllText(header.Folder.Job, JobFile.Write(header.Job), new UTF8Encoding(false));
        File.WriteAllText(header.Folder.Schema, JobSchema.Json, new UTF8Encoding(false));
    }

    public void Hear(RunEvent happened)
    {
    }

    public void Dispose()
    {
    }
}
