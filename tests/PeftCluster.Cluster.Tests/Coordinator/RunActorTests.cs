#pragma warning disable xUnit1051 // The kit's waits have deadlines of their own.
using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit.Xunit;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>The shells, with one end of the conversation held by the test.</summary>
public sealed class RunActorTests() : TestKit("akka { loglevel = DEBUG, stdout-loglevel = OFF }")
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void What_another_attempt_says_is_dropped_with_a_debug_line()
    {
        var worker = CreateTestProbe();
        var run = Run(worker);
        var assign = worker.ExpectMsg<Assign>();
        Assert.Equal(1, assign.Attempt);
        EventFilter.Debug(contains: "dropped: Ready").ExpectOne(() => run.Tell(ReadyFor(assign) with { Attempt = 2 }, worker));
        EventFilter.Debug(contains: "dropped: Ready").ExpectOne(() => run.Tell(ReadyFor(assign) with { Job = "another" }, worker));
        run.Tell(ReadyFor(assign), worker);
        worker.ExpectMsg<Initialise>();
    }

    [Fact]
    public void A_cancelled_run_says_so_releases_its_worker_and_lets_the_folder_go()
    {
        var worker = CreateTestProbe();
        var events = Channel.CreateUnbounded<RunEvent>();
        var run = Run(worker, events);
        worker.ExpectMsg<Assign>();
        Watch(run);
        run.Tell(new JobsProtocol.CancelRun());
        var release = worker.ExpectMsg<Release>();
        run.Tell(new Released(release.Job, release.Attempt, release.Step), worker);
        ExpectTerminated(run);
        Assert.True(events.Reader.TryRead(out var ended));
        Assert.Equal("cancelled by the user", Assert.IsType<RunEnded>(ended).Reason);
        RunStore.Open(new DiskFiles(), TestRuns.Request(_folder.Path, resume: true), 1, TimeProvider.System).Dispose();
    }

    [Fact]
    public void A_worker_answers_each_attempt_by_itself()
    {
        var link = new LocalLink(new MemoryVectorChannel(), new ContentFolder(_folder.Path));
        var worker = Sys.ActorOf(Props.Create(() => new WorkerActor(new WorkerDesk(new ArithmeticSourceFactory("cpu:0"), link, TimeProvider.System), ActorRefs.Nobody)));
        var yaml = Jobs.Spec.JobFile.Write(TestRuns.Job());
        worker.Tell(new Assign("job", 1, 0, yaml, DataReference.Own("data"), ""), TestActor);
        Assert.Equal(1, ExpectMsg<Ready>().Attempt);
        worker.Tell(new Assign("job", 2, 0, yaml, DataReference.Own("data"), ""), TestActor);
        Assert.Equal(1, ExpectMsg<Released>().Attempt);
        Assert.Equal(2, ExpectMsg<Ready>().Attempt);
        worker.Tell(new Initialise("job", 1, 0), TestActor);
        worker.Tell(new Initialise("job", 2, 0), TestActor);
        Assert.Equal(2, ExpectMsg<Initialised>().Attempt);
    }

    // The runner calls this and never Dispose, where a class has both.
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    private static Ready ReadyFor(Assign assign) => new(assign.Job, assign.Attempt, 0, "arithmetic",
        WireDescription.Of(new SourceDescription(new ArithmeticShape().Layout, 171, 0, "made-up arithmetic", "arithmetic")));

    private IActorRef Run(IActorRef worker, Channel<RunEvent>? events = null)
    {
        var request = TestRuns.Request(_folder.Path);
        var store = RunStore.Open(new DiskFiles(), request, 1, TimeProvider.System);
        IReadOnlyList<JobsProtocol.HereIs> workers = [new("cpu:0", worker)];
        var watcher = (events ?? Channel.CreateUnbounded<RunEvent>()).Writer;
        var place = new RunPlace(new MemoryVectorChannel(), new ContentFolder(_folder.Path), "", new Deadlines(), TimeProvider.System);
        return Sys.ActorOf(Props.Create(() => new RunActor(request, store, place, workers, watcher)));
    }
}
