using PeftCluster.Acceptance.Tests.Running;

namespace PeftCluster.Acceptance.Tests.Worlds;

/// <summary>A world whose job has been run once, for tests that look at what the run left and use it. They add to its folder and change nothing there.</summary>
public sealed class TrainedWorld : IAsyncLifetime
{
    internal TinyWorld World { get; } = TinyWorld.Create();

    /// <summary>What the run said.</summary>
    internal Answer Answer { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Answer = (await Peft.RunAsync(World.Folder, "train", "job.yaml", "--json", "--verbose")).With(0);

    public ValueTask DisposeAsync()
    {
        World.Dispose();
        return ValueTask.CompletedTask;
    }
}
