using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>A cluster of real processes: what it computes, what it survives, what it refuses.</summary>
[Trait("Category", "Slow")]
public sealed class ClusterTests
{
    [Fact]
    public async Task The_example_script_kills_one_of_three_workers_and_both_adapters_are_the_same_file()
    {
        using var world = TinyWorld.Create();
        File.WriteAllText(world["job.yaml"], File.ReadAllText(world["job.yaml"]).Replace(": base", $": {world["base"]}", StringComparison.Ordinal)
            .Replace("train.jsonl", world["train.jsonl"], StringComparison.Ordinal).Replace("heldout.jsonl", world["heldout.jsonl"], StringComparison.Ordinal)
            .Replace("shots: [0, 1, 2]", "shots: []", StringComparison.Ordinal));
        var answer = await Peft.RunAsync(world.Folder, "bash", [Path.Combine(House.Repository.Root, "examples", "cluster", "run.sh")], new Dictionary<string, string>
        {
            ["PEFT_DLL"] = Peft.Dll,
            ["JOB"] = world["job.yaml"],
            ["PORT"] = "47100",
            ["KILL_AT"] = "5",
        });

        Assert.Contains("killed worker2 with SIGKILL after step 5", answer.With(code: 0).Out, StringComparison.Ordinal);
        Assert.EndsWith("the same bits", answer.Out.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("is gone: its connection has ended", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_shows_members_devices_and_what_is_refused()
    {
        using var world = TinyWorld.Create();
        using var nodes = await Nodes.StartAsync(world.Folder, workers: 1, "--source", "arithmetic");

        var status = (await Peft.RunAsync(world.Folder, "cluster", "status", nodes.Coordinator, "--json")).With(code: 0);

        Assert.Equal(["coordinator", "worker"], status.Json.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("roles")[0].GetString()).Order());
        var worker = Assert.Single(status.Json.GetProperty("workers").EnumerateArray());
        Assert.EndsWith("/cpu:0", worker.GetProperty("device").GetString(), StringComparison.Ordinal);
        Assert.Equal("arithmetic", worker.GetProperty("numeric_class").GetString());
    }

    [Fact]
    public async Task What_cannot_be_is_one_line_and_exit_code_2()
    {
        using var world = TinyWorld.Create();
        // It waits for an answer for 15 s; the others are tried meanwhile.
        var unanswered = RefusedAsync(world, "no node answers there", "cluster", "status", "127.0.0.1:9");
        using var nodes = await Nodes.StartAsync(world.Folder, workers: 0, "--source", "arithmetic");
        var place = nodes.Coordinator;

        await RefusedAsync(world, $"{place}: the port is taken by another process.", "node", "--source", "arithmetic", "--listen", place, "--state", "elsewhere");
        await RefusedAsync(world, "another coordinator holds this folder", "node", "--source", "arithmetic", "--listen", "127.0.0.1:0", "--state", "nodes/coordinator");
        await RefusedAsync(world, "--join: a worker needs a cluster.", "node", "--roles", "worker");
        await RefusedAsync(world, "Give the cluster a secret", "node", "--listen", "0.0.0.0:0");
        await RefusedAsync(world, "--roles: \"master\"", "node", "--roles", "master");
        await unanswered;
    }

    private static async Task RefusedAsync(TinyWorld world, string line, params string[] words)
    {
        var answer = (await Peft.RunAsync(world.Folder, words)).With(code: 2);
        Assert.Empty(answer.Out);
        Assert.Contains(line, Assert.Single(answer.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}
