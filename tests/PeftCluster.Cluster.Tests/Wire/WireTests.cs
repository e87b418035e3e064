using System.Runtime.Serialization;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Wire;

public sealed class WireTests : IAsyncDisposable
{
    private static readonly IWireMessage[] _examples =
    [
        new Offer("cpu:0", "x86 avx2, 1 thread", new NodeFacts("ada", 41, "0.1.0", 2, 64_000_000_000, "5f")),
        new Accepted("cpu:0", "10.0.0.7:41020"),
        new OfferRefused("cpu:0", "a worker of this name is there already"),
        new Assign("job", 2, 0, "name: a\nmodel: b\n", new DataReference("key", [new DataFile("train/0", "5f", 4096)], new BaseReference([new DataFile("config.json", "77", 300)])), "10.0.0.7:41020"),
        new Ready("job", 2, 0, "class", new WireDescription([new WireSlice("lora_A.weight", [8, 64], 1.5, true)], "hash", 512, 1_000_000, "LoRA r 8", "llama")),
        new AssignRefused("job", 2, 0, "no such folder", true),
        new Initialise("job", 2, 0),
        new Initialised("job", 2, 0),
        new StepWork("job", 2, 61, 4, [new MicroBatch(3, [17, 4], 32, 21, 57) { WrongLabels = 33 }], 84, true, new ChoiceCounts(84, 120, 8)),
        new LeafDone("job", 2, 61, 3, UInt128.MaxValue - 5, false, new LeafResult(double.NaN, 21, 57, Choices: new ChoiceSums(0.5, double.NaN)), 41.5),
        new NodeSum("job", 2, 61, new TreeNode(1, 1), [UInt128.One, UInt128.MaxValue]),
        new Evaluate("job", 2, 61, 3, 7, [0, 1, 2], 5, true),
        new Evaluated("job", 2, 61, 3, 7, [new RowEvaluation(2, 0.25, 3, true, 41), new RowEvaluation(3, 0.25, 3, true, 41, [new Score("own", 0.5)], new ChoiceRanking(1, 0, [-0.5, -0.25]), 2)], 12.25),
        new Export("job", 2, 96),
        new Exported("job", 2, 96, [new DataFile("adapter_config.json", "5f", 612)]),
        new Failed("job", 2, 61, WorkerTask.Leaf, 3, "out of memory"),
        new Leaving("job", 2, 61),
        new Release("job", 2, 61),
        new Released("job", 2, 61),
        new AskStatus(),
        new StatusTold("ada:4700", [new MemberStatus("ada:4700", ["coordinator"], "up", true)],
            [new WorkerStatus("ada:4700/cpu:0", "x86 avx2, 1 thread", new NodeFacts("ada", 41, "0.1.0", 2, 64_000_000_000, ""), "01JD", null, "worker ada:4700/cpu:0 is slow")], null),
        new AskCoordinator(),
        new CoordinatorHere("life", "10.0.0.7:41020", "0.1.0"),
        new SubmitJob("job", "submission", "name: a\nmodel: b\n", new DataReference("key", [new DataFile("train/0", "5f", 4096)]), true, "5f"),
        new JobTaken("job", "life", 41, "10.0.0.7:41020"),
        new JobRefused("job", "no such data", true),
        new FollowJob("job", "life", 41),
        new FollowNoted("job", "life", 12, 60, "10.0.0.7:41020"),
        new JobHappened("job", "life", 41, new RunWarning("careful")),
        new DecideJob("job", UserDecision.Cancel),
        new Decided("job", UserDecision.Pause, 2),
        new DecisionRefused("job", UserDecision.Pause, "a job that is stopping cannot pause."),
        new ListJobs(),
        new JobsListed([new JobRow("job", "a", "running", 2, 61, 96, ["cpu:0"], "", DateTimeOffset.UnixEpoch)]),
        new AskLease(),
        new LeaseTold(true, "ada:4700"),
    ];

    /// <summary>One event of each kind, as it lies on the wire and in the job database.</summary>
    private static readonly (RunEvent Event, string Json)[] _events =
    [
        (new RunStarted("job", 2, 61, 96, new SourceDescription(VectorLayout.Of([("w", [2, 3], new ParameterGroup())]), 6, 1000, "LoRA r 8", "llama"), ["cpu:0"]),
            """{"kind":"started","runId":"job","attempt":2,"firstStep":61,"totalSteps":96,"source":{"slices":[{"key":"w","shape":[2,3],"learningRateFactor":1,"weightDecays":true}],"layoutHash":"HASH","trainedParameters":6,"baseParameters":1000,"method":"LoRA r 8","architecture":"llama"},"workers":["cpu:0"]}"""),
        (new EvaluationProgress(new EvaluationTarget(true, 5), 8, 24), """{"kind":"evaluation-progress","target":{"adapter":true,"shots":5},"rowsDone":8,"rows":24}"""),
        (new EvaluationDone(new EvaluationTarget(false, 0), new EvaluationMetrics(0.5, 0.25, 41.5, 24)),
            """{"kind":"evaluation-done","target":{"adapter":false,"shots":0},"metrics":{"loss":0.5,"exactMatch":0.25,"promptTokens":41.5,"rows":24},"version":null}"""),
        (new EvaluationDone(new EvaluationTarget(true, 0), new EvaluationMetrics(0.5, 0.25, 41.5, 24, [new Score("own", 0.75)]), 8),
            """{"kind":"evaluation-done","target":{"adapter":true,"shots":0},"metrics":{"loss":0.5,"exactMatch":0.25,"promptTokens":41.5,"rows":24,"scores":[{"metric":"own","value":0.75}]},"version":8}"""),
        (new EvaluationDone(new EvaluationTarget(false, 1), new EvaluationMetrics(0.5, 0.25, 41.5, 24, null, new ChoiceMetrics(0.5, [[1, 2], [0, 3]], [0.5, 0.75], 0.625, 0.5625, 0.6875))),
            """{"kind":"evaluation-done","target":{"adapter":false,"shots":1},"metrics":{"loss":0.5,"exactMatch":0.25,"promptTokens":41.5,"rows":24,"choices":{"macroF1":0.5,"confusion":[[1,2],[0,3]],"templates":[0.5,0.75],"median":0.625,"q1":0.5625,"q3":0.6875}},"version":null}"""),
        (new StepCommitted(61, 96, 1.5, double.NaN, 1e-4, 0.5, 57, 0.25, [new WorkerShare("cpu:0", [0, 3], 41.5)]),
            """{"kind":"step","step":61,"totalSteps":96,"epoch":1.5,"loss":"NaN","learningRate":0.0001,"gradientNorm":0.5,"tokens":57,"seconds":0.25,"workers":[{"worker":"cpu:0","shards":[0,3],"millisecondsPerShard":41.5}]}"""),
        (new StepCommitted(61, 96, 1.5, 2.5, 1e-4, 0.5, 57, 0.25, [], Choices: new ChoiceLosses(1, -0.25, 1.75)),
            """{"kind":"step","step":61,"totalSteps":96,"epoch":1.5,"loss":2.5,"learningRate":0.0001,"gradientNorm":0.5,"tokens":57,"seconds":0.25,"workers":[],"choices":{"languageModel":1,"unlikelihood":-0.25,"lengthNormalised":1.75}}"""),
        (new SnapshotWritten(61, "/runs/a"), """{"kind":"snapshot","step":61,"path":"/runs/a"}"""),
        (new RunWarning("careful") { About = "cpu:1" }, """{"kind":"warning","text":"careful","about":"cpu:1"}"""),
        (new RunEnded(JobPhase.Completed, "all 96 steps are done", 96, "/runs/a/adapter", "5f", 0.5) { End = EndReason.AllStepsDone, Best = new BestVersion(64, "loss", 0.25, "best-00000064.safetensors", "5f"), AdapterVersion = 64, AdapterFiles = [new DataFile("adapter_config.json", "5f", 612)] },
            """{"kind":"ended","phase":"Completed","reason":"all 96 steps are done","steps":96,"adapterFolder":"/runs/a/adapter","adapterSha256":"5f","trainLoss":0.5,"end":0,"best":{"version":64,"metric":"loss","value":0.25,"file":"best-00000064.safetensors","sha256":"5f"},"adapterVersion":64,"adapterFiles":[{"name":"adapter_config.json","sha256":"5f","bytes":612}]}"""),
    ];

    private readonly ActorSystem _system = ActorSystem.Create("wire", "akka { loglevel = OFF, stdout-loglevel = OFF }");
    private readonly WireSerializer _serializer;

    public WireTests() => _serializer = new WireSerializer((ExtendedActorSystem)_system);

    public static TheoryData<Type> MessageTypes => [.. typeof(IWireMessage).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IWireMessage)))];

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void Every_message_type_has_a_manifest_and_comes_back_as_it_was_sent(Type type)
    {
        var message = Assert.Single(_examples, example => example.GetType() == type);
        var bytes = _serializer.ToBinary(message);
        var back = _serializer.FromBinary(bytes, _serializer.Manifest(message));
        // Lists have no equality of their own, so the bytes are compared.
        Assert.Equal(type, back.GetType());
        Assert.Equal(bytes, _serializer.ToBinary(back));
    }

    [Fact]
    public void A_step_without_answer_choices_says_nothing_of_them()
    {
        var messages = new IWireMessage[] { new StepWork("job", 2, 61, 4, [new MicroBatch(3, [17, 4], 32, 21, 57)], 84, true), new LeafDone("job", 2, 61, 3, UInt128.One, true, new LeafResult(2, 21, 57), 41.5) };
        Assert.All(messages, message => Assert.DoesNotMatch("(?i)choices|wrong", System.Text.Encoding.UTF8.GetString(_serializer.ToBinary(message))));
    }

    [Fact]
    public void No_type_name_is_on_the_wire() =>
        Assert.All(_examples, message => Assert.DoesNotContain("PeftCluster", System.Text.Encoding.UTF8.GetString(_serializer.ToBinary(message)) + _serializer.Manifest(message)));

    [Fact]
    public void Manifests_are_pinned_since_they_are_append_only() => Assert.Equal(
        """
        offer.1 Offer
        accepted.1 Accepted
        offer-refused.1 OfferRefused
        assign.1 Assign
        ready.1 Ready
        assign-refused.1 AssignRefused
        initialise.1 Initialise
        initialised.1 Initialised
        step.1 StepWork
        leaf-done.1 LeafDone
        sum.1 NodeSum
        evaluate.1 Evaluate
        evaluated.1 Evaluated
        export.1 Export
        exported.1 Exported
        failed.1 Failed
        leaving.1 Leaving
        release.1 Release
        released.1 Released
        ask-status.1 AskStatus
        status.1 StatusTold
        ask-coordinator.1 AskCoordinator
        coordinator-here.1 CoordinatorHere
        submit-job.1 SubmitJob
        job-taken.1 JobTaken
        job-refused.1 JobRefused
        follow-job.1 FollowJob
        follow-noted.1 FollowNoted
        job-happened.1 JobHappened
        decide-job.1 DecideJob
        decided.1 Decided
        decision-refused.1 DecisionRefused
        list-jobs.1 ListJobs
        jobs-listed.1 JobsListed
        ask-lease.1 AskLease
        lease.1 LeaseTold
        """,
        string.Join("\n", WireManifests.All.Select(one => $"{one.Manifest} {one.Type.Name}")));

    [Fact]
    public void Fields_of_a_leaf_report_are_pinned() => Assert.Equal(
        """{"job":"job","attempt":2,"step":61,"shard":3,"hash":340282366920938463463374607431768211450,"finite":false,"result":{"lossSum":"NaN","labels":21,"tokens":57,"choices":{"unlikelihood":0.5,"lengthNormalised":"NaN"}},"milliseconds":41.5}""",
        System.Text.Encoding.UTF8.GetString(_serializer.ToBinary(_examples.OfType<LeafDone>().Single())));

    [Fact]
    public void Every_kind_of_event_comes_back_and_its_fields_are_pinned()
    {
        var kinds = typeof(RunEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RunEvent)));
        Assert.Equal(kinds.ToHashSet(), _events.Select(one => one.Event.GetType()).ToHashSet());
        Assert.All(_events, one =>
        {
            var bytes = _serializer.ToBinary(new JobHappened("job", "life", 41, one.Event));
            var pinned = one.Json.Replace("HASH", one.Event is RunStarted started ? started.Source.Layout.Hash : "", StringComparison.Ordinal);
            Assert.Equal($$"""{"runId":"job","life":"life","number":41,"event":{{pinned}}}""", System.Text.Encoding.UTF8.GetString(bytes));
            Assert.Equal(bytes, _serializer.ToBinary(_serializer.FromBinary(bytes, "job-happened.1")));
        });
    }

    [Fact]
    public void The_layout_of_every_layer_of_a_large_model_fits_a_frame()
    {
        var slices = Enumerable.Range(0, 80 * 7 * 2).Select(i => new WireSlice($"base_model.model.model.layers.{i / 14}.self_attn.proj_{i % 14}.lora_A.weight", [16, 8192], 1, true));
        var ready = new Ready("job", 2, 0, "class", new WireDescription([.. slices], "hash", 512, 70_000_000_000, "LoRA r 16", "llama"));
        var bytes = _serializer.ToBinary(ready);
        Assert.True(bytes.Length < 100_000, $"{bytes.Length} bytes");
        Assert.Equal(1120, Assert.IsType<Ready>(_serializer.FromBinary(bytes, "ready.1")).Source.Slices.Count);
    }

    [Fact]
    public void Data_and_base_of_the_most_files_fit_a_frame()
    {
        static DataFile File(string name) => new(name, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name))), 123_456_789);
        var data = new DataReference("key", [.. Enumerable.Range(0, 1024).Select(shard => File($"train/{shard}"))], new BaseReference([.. Enumerable.Range(0, 200).Select(part => File($"model-{part}.safetensors"))]));
        var bytes = _serializer.ToBinary(new Assign("job", 2, 0, new string('x', 2_000), data, "10.0.0.7:41020"));
        Assert.True(bytes.Length < 100_000, $"{bytes.Length} bytes");
        Assert.Equal(data.Base!.Sha256, Assert.IsType<Assign>(_serializer.FromBinary(bytes, "assign.1")).Data.Base!.Sha256);
    }

    [Fact]
    public void A_small_message_that_would_fill_the_memory_is_refused()
    {
        var bomb = WirePayload.Pack(new byte[WirePayload.Most + 1]);
        Assert.True(bomb.Length < 100_000, $"{bomb.Length} bytes");
        Assert.Contains("refused", Assert.Throws<SerializationException>(() => _serializer.FromBinary(bomb, "offer.1")).Message, StringComparison.Ordinal);
        Assert.Throws<SerializationException>(() => _serializer.FromBinary([1, 2, 3], "offer.1"));
    }

    [Fact]
    public void An_unknown_manifest_is_refused()
    {
        var refused = Assert.Throws<SerializationException>(() => _serializer.FromBinary([], "offer.9"));
        Assert.Equal("unknown manifest \"offer.9\": the sender is of another version", refused.Message);
    }

    [Fact]
    public void A_type_without_a_manifest_may_not_cross() =>
        Assert.Throws<SerializationException>(() => _serializer.ToBinary("text"));

    [Fact]
    public async Task An_embedded_node_binds_our_messages_and_refuses_everything_else()
    {
        await using var cluster = await Cluster.Embedded.EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        var serialization = cluster.System.Serialization;
        Assert.All(_examples, message => Assert.IsType<WireSerializer>(serialization.FindSerializerFor(message)));
        Assert.IsType<RefusingSerializer>(serialization.FindSerializerFor(new { Anything = 1 }));
        Assert.Throws<SerializationException>(() => serialization.FindSerializerFor(new { Anything = 1 }).ToBinary(new { Anything = 1 }));
        Assert.Throws<SerializationException>(() => serialization.FindSerializerFor(new { Anything = 1 }).FromBinary<object>([]));
        Assert.ThrowsAny<Exception>(() => serialization.Deserialize([], 1, "System.Object"));
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();
}
