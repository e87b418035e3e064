using System.Text.Json.Nodes;
using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Server.Tests.Node;

/// <summary>
/// The product's first claim for every method that is registered: one, two and three workers, over micro-batches that do not divide by them, end in one file. Whole
/// runs in one process, dropout on wherever a method has it. A method that is new is among them by itself.
/// </summary>
public sealed class EveryMethodTests(EveryMethodTests.TinyNode node) : IClassFixture<EveryMethodTests.TinyNode>
{
    // What a method does not start without.
    private static readonly MethodSpec[] Needing = [new TrainableTokensSpec { TokenIndices = [65, 97, 98, 101] }];

    // What other code computes than the defaults' does.
    private static readonly MethodSpec[] Kinds =
    [
        new LoraSpec { UseRslora = true, TargetModules = ["all-linear"], LoraplusLrRatio = 16, Bias = LoraBias.LoraOnly },
        new LoraSpec { UseDora = true },
        new LoraSpec { LoraBias = true, TargetModules = ["q_proj", "down_proj", "lm_head"] },
        new LoraSpec { InitLoraWeights = "pissa" },
        new LoraSpec { InitLoraWeights = "olora" },
        new LoraSpec { TargetModules = ["embed_tokens", "lm_head", "q_proj"] },
        new LoraSpec { TrainableTokenIndices = [65, 97] },
        new Ia3Spec { TargetModules = ["all-linear"], FeedforwardModules = ["down_proj"] },
        new AdaloraSpec { InitR = 4, TargetR = 2, Tinit = 1 },
        new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn },
        new BottleneckSpec { Config = BottleneckPreset.ParBn },
        new PrefixTuningSpec { NumVirtualTokens = 3, PrefixProjection = true },
        new PromptTuningSpec { NumVirtualTokens = 3, PromptTuningInit = PromptTuningInit.Random },
        new PromptTuningSpec { NumVirtualTokens = 3, PromptTuningInit = PromptTuningInit.Text, PromptTuningInitText = "What colour?" },
    ];

    public static TheoryData<MethodSpec> Methods =>
        [.. MethodRegistry.Records.Keys.Select(type => Needing.FirstOrDefault(method => method.Type == type) ?? MethodRegistry.Default(type)), .. Kinds];

    public static TheoryData<MethodSpec> Packable =>
        [new LoraSpec { TargetModules = ["all-linear"] }, new Ia3Spec(), new PrefixTuningSpec { NumVirtualTokens = 3 }];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Any_number_of_workers_gives_one_adapter(MethodSpec method)
    {
        var dropping = WithDropout(method, 0.3);

        var alone = await node.TrainAsync(dropping, 1);

        Assert.Equal([alone, alone], [await node.TrainAsync(dropping, 2), await node.TrainAsync(dropping, 3)]);
        // Dropout is on: without it another adapter comes out.
        Assert.True(dropping == method || alone != await node.TrainAsync(method, 1));
    }

    [Theory]
    [MemberData(nameof(Packable))]
    public async Task Packed_rows_give_one_adapter_too(MethodSpec method)
    {
        var dropping = WithDropout(method, 0.3);

        var alone = await node.TrainAsync(dropping, 1, packing: true);

        Assert.Equal([alone, alone], [await node.TrainAsync(dropping, 2, packing: true), await node.TrainAsync(dropping, 3, packing: true)]);
        Assert.NotEqual(alone, await node.TrainAsync(dropping, 1));
    }

    private static MethodSpec WithDropout(MethodSpec method, double share)
    {
        var dropping = method with { };
        foreach (var key in method.GetType().GetProperties().Where(key => key.Name.EndsWith("Dropout", StringComparison.Ordinal)))
            key.SetValue(dropping, share);
        return dropping;
    }

    /// <summary>Three workers over a tiny llama, whose attention has biases so that every method finds something to train.</summary>
    public sealed class TinyNode : IAsyncLifetime
    {
        // In memory where that can be had: a hundred runs' journals wait a minute for a disk that is busy.
        private readonly string _runs = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"peft-every-method-{Guid.NewGuid():N}")).FullName;
        private readonly TinyWorld _world = TinyWorld.Create();
        private JobSpec _job = null!;
        private EmbeddedNode _node = null!;

        public async ValueTask InitializeAsync()
        {
            AddBiases();
            string[] set = ["training.max_steps=3", "training.micro_batches=5", "evaluation.shots=[]"];
            _job = JobFile.Parse(await File.ReadAllTextAsync(_world["job.yaml"]), "job.yaml", _world.Folder, set);
            _node = await EmbeddedNode.StartAsync(_job with { Resources = _job.Resources with { Workers = new WorkersRange(1, 3) } }, new NodeOptions { Workers = 3, Folders = new NodeFolders { Cache = _world["cache"] } }, default);
        }

        /// <summary>The SHA-256 of what a run ends in.</summary>
        public async Task<string> TrainAsync(MethodSpec method, int workers, bool packing = false)
        {
            var folder = Path.Combine(_runs, "run");
            var job = _job with
            {
                Method = method,
                Data = _job.Data with { Packing = packing },
                Resources = _job.Resources with { Workers = new WorkersRange(workers, workers) },
                Output = _job.Output with { Folder = folder },
            };
            var run = await _node.SubmitAsync(job, "job.yaml", new SubmitOptions(), default);
            using var nobody = new RunWatchers([]);
            var ended = (await run.WatchAsync(nobody)).Ended;
            Assert.True(ended.Phase == JobPhase.Completed, ended.Reason);
            Directory.Delete(folder, recursive: true);
            return ended.AdapterSha256!;
        }

        public async ValueTask DisposeAsync()
        {
            await _node.DisposeAsync();
            _world.Dispose();
            Directory.Delete(_runs, recursive: true);
        }

        private void AddBiases()
        {
            var config = JsonNode.Parse(File.ReadAllText(_world["base/config.json"]))!;
            config["attention_bias"] = true;
            File.WriteAllText(_world["base/config.json"], config.ToJsonString());
            var weights = TinyWorld.Weights();
            _world.WriteWeights([.. weights, .. weights.Where(weight => weight.Name.Contains("self_attn", StringComparison.Ordinal)).Select(weight =>
                SafetensorsTensor.Of(weight.Name.Replace(".weight", ".bias", StringComparison.Ordinal), [weight.Shape[0]], new float[weight.Shape[0]]))]);
        }
    }
}
