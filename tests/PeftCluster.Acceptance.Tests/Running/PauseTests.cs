using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>A run that is stopped anywhere and goes on ends with the bits of an undisturbed run.</summary>
[Trait("Category", "Slow")]
public sealed class PauseTests : IDisposable
{
    private static readonly string[] Long =
        ["--set", "training.max_steps=240", "--set", "evaluation.shots=[]", "--set", "training.logging_steps=5", "--set", "training.save_steps=50", "--json"];

    private readonly TinyWorld _world = TinyWorld.Create();

    [Fact]
    public async Task Three_pauses_at_different_steps_change_no_bit()
    {
        var undisturbed = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", "--set", "output.folder=runs/whole", .. Long])).With(0);

        var steps = new List<int>
        {
            await PauseAsync("step  10/240", resume: false, interrupt: peft => peft.Interrupt()),
            await PauseAsync("step  60/240", resume: true, interrupt: peft => peft.Terminate()),
            await PauseAsync("step 120/240", resume: true, interrupt: peft => peft.Interrupt()),
        };
        var end = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", "--resume", .. Long])).With(0);

        Assert.Equal(3, steps.Distinct().Count());
        Assert.Equal("completed", end.Status);
        Assert.Equal(240, end.Json.GetProperty("steps").GetInt32());
        Assert.Equal(undisturbed.Sha256, end.Sha256);
        var lines = File.ReadLines(_world["runs/tiny/metrics.jsonl"]).Count(line => line.Contains("\"event\":\"step\"", StringComparison.Ordinal));
        Assert.Equal(240, lines);
    }

    [Fact]
    public async Task A_second_interruption_ends_at_once()
    {
        using var peft = Peft.Start(_world.Folder, ["train", "job.yaml", .. Long]);
        await peft.SeesAsync("step   5/240");
        peft.Interrupt();
        peft.Interrupt();

        var answer = await peft.EndAsync();

        answer.With(3);
    }

    [Fact]
    public async Task A_folder_in_use_and_another_jobs_folder_are_refused()
    {
        // So many steps that the first run is still there when the second looks, however fast the machine is.
        string[] endless = [.. Long, "--set", "training.max_steps=1000000"];
        using var first = Peft.Start(_world.Folder, ["train", "job.yaml", .. endless]);
        await first.SeesAsync("5/1000000");

        var second = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", "--resume", .. endless])).With(2);
        first.Interrupt();
        (await first.EndAsync()).With(3);
        var other = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", "--resume", "--set", "training.seed=8", .. endless])).With(2);
        var again = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", .. endless])).With(2);

        Assert.Contains("in use by another run", Assert.Single(second.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("training.seed", Assert.Single(other.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("--resume", Assert.Single(again.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    private async Task<int> PauseAsync(string at, bool resume, Action<Peft> interrupt)
    {
        string[] words = ["train", "job.yaml", .. Long, .. resume ? ["--resume"] : Array.Empty<string>()];
        using var peft = Peft.Start(_world.Folder, words);
        await peft.SeesAsync(at);
        interrupt(peft);
        var answer = (await peft.EndAsync()).With(3);
        Assert.Equal("paused", answer.Status);
        Assert.Contains("resume with: peft train job.yaml --resume", answer.Out, StringComparison.Ordinal);
        return answer.Json.GetProperty("steps").GetInt32();
    }
}
