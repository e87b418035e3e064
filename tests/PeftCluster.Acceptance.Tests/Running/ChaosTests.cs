using System.Text.Json;
using PeftCluster.Acceptance.Tests.House;
using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>Some rows of the built-in matrix by the real command, on real processes. All of them: <c>peft chaos</c>.</summary>
[Trait("Category", "Slow")]
public sealed class ChaosTests
{
    private static readonly string[] _rows =
    [
        "worker killed before it sends", "worker killed while its gradient lies half written in shared memory", "coordinator killed in run.updating", "messages duplicated",
        "a gradient that is finite and wrong, all audited", "journal cut in the middle of a record",
    ];

    [Fact]
    public async Task Six_faults_change_no_bit()
    {
        using var world = TinyWorld.Create();
        var answer = await Peft.RunAsync(world.Folder, ["chaos", .. _rows.SelectMany(row => new[] { "--only", row }), "--parallel", "2", "--json"]);

        var rows = RowsOf(answer.With(0));
        Assert.Equal([.. _rows.Order(StringComparer.Ordinal)], rows.Skip(1).Select(row => row.GetProperty("fault").GetString()).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.True(row.GetProperty("fired").GetBoolean() && row.GetProperty("held").GetBoolean(), row.ToString()));
    }

    [Fact]
    public async Task A_killed_worker_changes_no_bit_of_the_quickstarts_adapter_and_leaves_no_file()
    {
        var temporary = Directory.CreateTempSubdirectory("peftcluster-chaos-");
        using var peft = Peft.StartWith(new Dictionary<string, string> { ["TMPDIR"] = temporary.FullName, ["DOTNET_EnableDiagnostics"] = "1" }, Repository.Root,
            "chaos", "--source", "real", "--set", "evaluation.shots=[]", "--set", "training.micro_batch_size=2", "--only", "worker killed before it sends", "--json");

        Assert.All(RowsOf((await peft.EndAsync()).With(0)), row => Assert.True(row.GetProperty("fired").GetBoolean() && row.GetProperty("held").GetBoolean(), row.ToString()));
        Assert.Empty(temporary.EnumerateFiles());
        temporary.Delete(recursive: true);
    }

    [Fact]
    public async Task A_row_whose_fault_never_strikes_fails_and_so_does_the_command()
    {
        using var world = TinyWorld.Create();
        File.WriteAllText(world["faults.yaml"], """
            rows:
              - fault: a step that never comes
                plant:
                  worker1: [{point: worker.before_send, action: kill, at: 999}]
            """);

        var answer = await Peft.RunAsync(world.Folder, "chaos", "faults.yaml", "--json");

        var row = RowsOf(answer.With(1))[1];
        Assert.False(row.GetProperty("fired").GetBoolean());
        Assert.Contains("never struck: worker.before_send kill", row.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    private static JsonElement[] RowsOf(Answer answer) => [.. answer.Json.GetProperty("rows").EnumerateArray()];
}
