using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Node;

/// <summary>Three workers over a tiny model and rows with answer choices under three templates, which make choices of unlike lengths.</summary>
internal sealed class ChoiceNode : IAsyncDisposable
{
    private const string TaskText = """
        answer: label
        answers: ["yes", "no", "unknown"]
        templates:
          - name: words
            prompt: "{{text}}?"
            choices: ["yes", "no", "maybe so"]
          - name: letters
            prompt: "Is it so that {{text}}"
            choices: ["a", "b", "c"]
          - name: longer
            prompt: "{{text}} Answer: "
            choices: ["certainly", "never", "who knows"]
        """;

    // In memory where that can be had.
    private readonly string _runs = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"peft-choices-{Guid.NewGuid():N}")).FullName;
    private readonly TinyWorld _world;
    private EmbeddedNode? _node;

    private ChoiceNode(TinyWorld world) => _world = world;

    /// <summary>What is trained where a test does not say otherwise: seven steps of five micro-batches, so that an epoch ends within.</summary>
    public required JobSpec Job { get; init; }

    public EmbeddedNode Node => _node!;

    /// <summary>Starts it.</summary>
    /// <param name="encoder">Over a T5; else over a llama.</param>
    public static async Task<ChoiceNode> StartAsync(bool encoder)
    {
        var world = TinyWorld.Create();
        if (encoder)
            TinyT5.Write(world);
        File.WriteAllText(world["task.yaml"], TaskText);
        File.WriteAllLines(world["choices.jsonl"], Enumerable.Range(0, 47).Select(row => $$"""{"text":"{{new string((char)('a' + row % 26), 1 + row % 13)}} is {{row * 7}}","label":{{row * 5 % 3}}}"""));
        string[] set = ["data={train: choices.jsonl, format: choices, task: task.yaml}", "method={type: lora}", "training.max_steps=7", "training.micro_batches=5", "training.save_steps=3", "evaluation.shots=[]"];
        var job = JobFile.Parse(await File.ReadAllTextAsync(world["job.yaml"]), "job.yaml", world.Folder, set);
        var started = new ChoiceNode(world) { Job = job };
        started._node = await EmbeddedNode.StartAsync(job with { Resources = job.Resources with { Workers = new WorkersRange(1, 3) } }, new NodeOptions { Workers = 3, Folders = new NodeFolders { Cache = world["cache"] } }, default);
        return started;
    }

    /// <summary>A whole run: its end, and what was told.</summary>
    /// <param name="method">What is trained.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="training">Changes what is trained with.</param>
    /// <param name="pauseAfter">Pauses at this step; null: not.</param>
    /// <param name="resume">Goes on with the run before.</param>
    public async Task<(RunEnded Ended, IReadOnlyList<RunEvent> Events)> RunAsync(
        MethodSpec method, int workers, Func<TrainingSpec, TrainingSpec>? training = null, int? pauseAfter = null, bool resume = false)
    {
        var job = Job with
        {
            Method = method,
            Training = training?.Invoke(Job.Training) ?? Job.Training,
            Resources = Job.Resources with { Workers = new WorkersRange(workers, workers) },
            Output = Job.Output with { Folder = Path.Combine(_runs, "run") },
        };
        if (!resume && Directory.Exists(job.Output.Folder))
            Directory.Delete(job.Output.Folder, recursive: true);
        var run = await Node.SubmitAsync(job, "job.yaml", new SubmitOptions { Resume = resume }, default);
        var heard = new Listener(step =>
        {
            if (step == pauseAfter)
                run.Pause();
        });
        using var watchers = new RunWatchers([heard]);
        var ended = (await run.WatchAsync(watchers)).Ended;
        Assert.True(ended.Phase == (pauseAfter is null ? JobPhase.Completed : JobPhase.Paused), ended.Reason);
        return (ended, heard.Events);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        _world.Dispose();
        Directory.Delete(_runs, recursive: true);
    }

    private sealed class Listener(Action<int> committed) : IRunWatcher
    {
        public List<RunEvent> Events { get; } = [];

        public void Opened(RunHeader header)
        {
        }

        public void Hear(RunEvent happened)
        {
            Events.Add(happened);
            if (happened is StepCommitted step)
                committed(step.Step);
        }

        public void Dispose()
        {
        }
    }
}
