using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Queue;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Queue;

/// <summary>What lies in job databases for ever.</summary>
public sealed class JobFactSerializerTests : IAsyncDisposable
{
    private static readonly DateTimeOffset _noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly JobFact[] _examples =
    [
        new SubmissionTaken("run", "submission", "name: a\n", new DataReference("key", [new DataFile("train/0", "5f", 4096)]), _noon),
        new RunStood("run", new RunEnded(JobPhase.Completed, "all 96 steps are done", 96, "/a", "5f", double.NaN) { End = EndReason.AllStepsDone, AdapterFiles = [new DataFile("a", "5f", 1)] }),
        new JobMoved("run", 2, new AttemptStarted(2, _noon)),
        new JobMoved("run", 2, new JobRunning(_noon)),
        new JobMoved("run", 2, new PauseRequested(_noon)),
        new JobMoved("run", 2, new JobPaused("as asked", _noon)),
        new JobMoved("run", 2, new JobRequeued(_noon)),
        new JobMoved("run", 2, new CancelRequested("by ada", _noon)),
        new JobMoved("run", 2, new JobEnded(EndReason.Diverged, "step 9", _noon)),
    ];

    private readonly ActorSystem _system = ActorSystem.Create("facts", "akka { loglevel = OFF, stdout-loglevel = OFF }");
    private readonly JobFactSerializer _serializer;

    public JobFactSerializerTests() => _serializer = new JobFactSerializer((ExtendedActorSystem)_system);

    [Fact]
    public void Every_fact_and_every_event_of_a_job_has_a_manifest_and_comes_back()
    {
        var facts = typeof(JobFact).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JobFact)) && type != typeof(JobMoved));
        // The submission stands for the first event.
        var events = typeof(JobEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JobEvent)) && type != typeof(JobSubmitted));
        Assert.Equal(facts.Concat(events).ToHashSet(), JobFactSerializer.All.Select(one => one.Type).ToHashSet());
        Assert.Equal(JobFactSerializer.All.Select(one => one.Manifest), _examples.Select(_serializer.Manifest));
        Assert.All(_examples, fact =>
        {
            var bytes = _serializer.ToBinary(fact);
            var back = _serializer.FromBinary(bytes, _serializer.Manifest(fact));
            Assert.Equal(fact.GetType(), back.GetType());
            Assert.Equal(bytes, _serializer.ToBinary(back));
        });
    }

    [Fact]
    public void Manifests_and_bytes_are_pinned_since_databases_outlive_builds() => Assert.Equal(
        """
        submission.1 {"submission":"submission","jobYaml":"name: a\n","data":{"key":"key","files":[{"name":"train/0","sha256":"5f","bytes":4096}],"base":null},"at":"2026-01-01T12:00:00+00:00","runId":"run"}
        run-stood.1 {"ended":{"phase":"Completed","reason":"all 96 steps are done","steps":96,"adapterFolder":"/a","adapterSha256":"5f","trainLoss":"NaN","end":0,"best":null,"adapterVersion":null,"adapterFiles":[{"name":"a","sha256":"5f","bytes":1}]},"runId":"run"}
        attempt-started.1 {"runId":"run","attempt":2,"event":{"attempt":2,"at":"2026-01-01T12:00:00+00:00"}}
        job-running.1 {"runId":"run","attempt":2,"event":{"at":"2026-01-01T12:00:00+00:00"}}
        pause-requested.1 {"runId":"run","attempt":2,"event":{"at":"2026-01-01T12:00:00+00:00"}}
        job-paused.1 {"runId":"run","attempt":2,"event":{"why":"as asked","at":"2026-01-01T12:00:00+00:00"}}
        job-requeued.1 {"runId":"run","attempt":2,"event":{"at":"2026-01-01T12:00:00+00:00"}}
        cancel-requested.1 {"runId":"run","attempt":2,"event":{"why":"by ada","at":"2026-01-01T12:00:00+00:00"}}
        job-ended.1 {"runId":"run","attempt":2,"event":{"reason":1,"detail":"step 9","at":"2026-01-01T12:00:00+00:00"}}
        """,
        string.Join("\n", _examples.Select(fact => $"{_serializer.Manifest(fact)} {Encoding.UTF8.GetString(_serializer.ToBinary(fact))}")));

    [Fact]
    public void What_a_newer_build_has_written_is_refused_and_named() => Assert.Equal(
        "the job database holds \"job-edited.1\", which this build does not know: a newer one has written it",
        Assert.Throws<SerializationException>(() => _serializer.FromBinary([], "job-edited.1")).Message);

    [Fact]
    public void Nothing_else_may_be_stored() => Assert.Throws<SerializationException>(() => _serializer.ToBinary("text"));

    public async ValueTask DisposeAsync() => await _system.Terminate();
}
