using System.Globalization;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cli.Rendering;

/// <summary>A cluster as two tables: its nodes, and its devices with what they do or why they do nothing.</summary>
internal static class StatusText
{
    public static void Write(TextWriter output, StatusTold told)
    {
        Columns.Write(output, [["node", "roles", "status"], .. told.Members.Select(member => (string[])
            [member.Address, Roles(member, told.Leads), member.Reachable ? member.Status : $"{member.Status}, not reached"])]);
        if (told.Workers.Count > 0)
        {
            output.WriteLine();
            Columns.Write(output, [["worker", "work", "threads", "memory", "build", "numeric class"], .. told.Workers.Select(worker => (string[])
                [worker.Device, Work(worker), string.Create(CultureInfo.InvariantCulture, $"{worker.Node.Threads}"), Figures.Bytes(worker.Node.MemoryBytes), worker.Node.Build, worker.NumericClass])]);
        }
        foreach (var refused in told.Workers.Where(worker => worker.Refused is not null))
            output.WriteLine($"{refused.Device} is refused: {refused.Refused}");
        foreach (var noted in told.Workers.Where(worker => worker.Note is not null))
            output.WriteLine(noted.Note);
        if (told.Notice is { } notice)
            output.WriteLine($"\n{notice}");
    }

    private static string Roles(MemberStatus member, string? leads) => string.Join(", ", member.Roles.Select(role =>
        role == NodeRoles.Coordinator && leads is not null && leads != member.Address ? $"{role} (standby)" : role));

    private static string Work(WorkerStatus worker) => worker.Refused is not null ? "refused" : worker.Work ?? "idle";
}
