using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Models;

namespace PeftCluster.Server.Tests.Node;

/// <summary>A worker node computes what the client's own process computes, from data that it fetched.</summary>
public sealed class NodeSourceTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TwoMachines _machines = new();

    public void Dispose() => _machines.Dispose();

    [Fact]
    public async Task A_node_computes_the_bits_of_the_clients_own_process_from_the_shards_it_needs()
    {
        var job = _machines.Job;
        var parcel = await _machines.SubmitAsync(job);
        await using var local = TwoMachines.LocalDevice(parcel.Data);
        await using var here = await local.OpenAsync(SourceRequest.Own(job), None);
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
        await using var there = await device.OpenAsync(_machines.Request(job, parcel), None);
        Assert.Equal(["train.index", "eval.index"], _machines.Store.Names(parcel.Reference));

        foreach (var (shard, step) in new[] { (1, 0), (3, 0), (1, 1) })
        {
            var work = TwoMachines.Work(job, parcel.Data.Train, shard, step);
            Assert.Equal(await TwoMachines.BitsAsync(here, work), await TwoMachines.BitsAsync(there, work));
        }

        Assert.Equal(["train.index", "eval.index", "train/1", "train/3"], _machines.Store.Names(parcel.Reference));
    }

    [Fact]
    public async Task A_node_measures_what_the_clients_own_process_measures()
    {
        var job = _machines.Job;
        var parcel = await _machines.SubmitAsync(job);
        await using var local = TwoMachines.LocalDevice(parcel.Data);
        await using var here = await local.OpenAsync(SourceRequest.Own(job), None);
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
        await using var there = await device.OpenAsync(_machines.Request(job, parcel), None);

        foreach (var shots in new[] { 0, 2 })
        {
            var work = new EvaluationWork([0, 1, 2, 3], shots);
            Assert.Equal(await here.EvaluateAsync(work, null, None), await there.EvaluateAsync(work, null, None));
            Assert.Equal(shots == 0, !_machines.Store.Names(parcel.Reference).Any(name => name.StartsWith("train/", StringComparison.Ordinal)));
        }

        Assert.Equal(1, _machines.Store.Names(parcel.Reference).Count(name => name == "eval/0"));
    }

    [Fact]
    public async Task Rows_that_a_wrong_answer_is_looked_for_in_are_fetched_too()
    {
        var job = _machines.Job with { Evaluation = _machines.Job.Evaluation with { WrongLabels = 1, SharedExamples = true } };
        var parcel = await _machines.SubmitAsync(job);
        await using var local = TwoMachines.LocalDevice(parcel.Data);
        await using var here = await local.OpenAsync(SourceRequest.Own(job), None);
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
        await using var there = await device.OpenAsync(_machines.Request(job, parcel), None);

        var work = new EvaluationWork([0, 1, 2, 3], 2) { Measurement = 1 };

        Assert.Equal(await here.EvaluateAsync(work, null, None), await there.EvaluateAsync(work, null, None));
        Assert.Equal(job.Training.MicroBatches, _machines.Store.Names(parcel.Reference).Count(name => name.StartsWith("train/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_devices_of_a_node_fetch_a_shard_once_and_share_one_base()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        var stock = new NodeStock(_machines.Node);
        await using var one = TwoMachines.Device(stock, 0);
        await using var two = TwoMachines.Device(stock, 1);
        var request = _machines.Request(_machines.Job, parcel);
        var sources = await Task.WhenAll(one.OpenAsync(request, None), two.OpenAsync(request, None));
        var work = TwoMachines.Work(_machines.Job, parcel.Data.Train, shard: 2);

        var bits = await Task.WhenAll(sources.Select(source => TwoMachines.BitsAsync(source, work)));

        Assert.Equal(bits[0], bits[1]);
        Assert.Equal(["train.index", "eval.index", "train/2"], _machines.Store.Names(parcel.Reference));
        Assert.Equal(2, SharedWeights.UsersOf(_machines["base"]));
        var weights = new FileInfo(_machines["base/model.safetensors"]).Length;
        Assert.InRange(stock.Hashes.BytesRead, weights, 2 * weights - 1);
        foreach (var source in sources)
            await source.DisposeAsync();
        Assert.Equal(0, SharedWeights.UsersOf(_machines["base"]));
    }

    [Fact]
    public async Task A_node_that_starts_again_fetches_only_what_was_damaged_meanwhile()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        var work = TwoMachines.Work(_machines.Job, parcel.Data.Train, shard: 2);
        var first = await OnceAsync();
        _machines.Store.Fetched.Clear();
        var again = await OnceAsync();
        Assert.Empty(_machines.Store.Fetched);
        var shard = Directory.GetFiles(_machines["node-cache/prepared/shards"], "*.rows").Single();
        var bytes = File.ReadAllBytes(shard);
        bytes[^1] ^= 1;
        File.WriteAllBytes(shard, bytes);

        var repaired = await OnceAsync();

        Assert.Equal(["train/2"], _machines.Store.Names(parcel.Reference));
        Assert.Equal([first, first], new[] { again, repaired });

        async Task<string> OnceAsync()
        {
            await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
            await using var source = await device.OpenAsync(_machines.Request(_machines.Job, parcel), None);
            return await TwoMachines.BitsAsync(source, work);
        }
    }

    [Fact]
    public async Task A_shard_that_nobody_has_fails_its_leaf_by_name_and_no_other()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        File.Delete(_machines.Store.PathOf(parcel.Reference.Files.Single(file => file.Name == "train/1")));
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
        await using var source = await device.OpenAsync(_machines.Request(_machines.Job, parcel), None);

        var error = await Assert.ThrowsAsync<IOException>(() => TwoMachines.BitsAsync(source, TwoMachines.Work(_machines.Job, parcel.Data.Train, shard: 1)));

        Assert.StartsWith("train/1 (", error.Message, StringComparison.Ordinal);
        await TwoMachines.BitsAsync(source, TwoMachines.Work(_machines.Job, parcel.Data.Train, shard: 0));
    }

    [Fact]
    public async Task An_exported_adapter_names_the_base_as_the_job_does()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        _machines.MoveModel("node-models/base");
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
        await using var source = await device.OpenAsync(_machines.Request(_machines.Job, parcel), None);
        var adapter = new float[(await source.DescribeAsync(None)).Layout.Length];
        await source.InitialiseAsync(adapter, None);
        var folder = Directory.CreateDirectory(_machines["adapter"]).FullName;

        await source.ExportAsync(adapter, folder, None);

        var config = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!;
        Assert.Equal(_machines.Job.Model, (string?)config["base_model_name_or_path"]);
    }

    [Fact]
    public async Task The_adapter_that_a_job_starts_from_travels_with_its_data()
    {
        var job = _machines.Job with { Method = new Ia3Spec() };
        var parcel = await _machines.SubmitAsync(job);
        await using var local = TwoMachines.LocalDevice(parcel.Data);
        await using var trained = await local.OpenAsync(SourceRequest.Own(job), None);
        var adapter = new float[(await trained.DescribeAsync(None)).Layout.Length];
        Array.Fill(adapter, 1.5f);
        await trained.ExportAsync(adapter, Directory.CreateDirectory(_machines["start"]).FullName, None);
        job = job with { Method = new TFewSpec { InitialAdapter = _machines["start"] } };

        parcel = await _machines.SubmitAsync(job);
        Directory.Move(_machines["start"], _machines["gone"]);
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));
        await using var there = await device.OpenAsync(_machines.Request(job, parcel), None);

        var zero = new float[adapter.Length];
        await there.InitialiseAsync(zero, None);
        Assert.Equal(1.5f, zero[0]);
        Assert.Contains("initial_adapter/adapter_model.safetensors", _machines.Store.Names(parcel.Reference));
    }

    [Fact]
    public async Task An_adapter_of_another_method_is_refused_when_the_job_is_packed()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        await using var local = TwoMachines.LocalDevice(parcel.Data);
        await using var trained = await local.OpenAsync(SourceRequest.Own(_machines.Job), None);
        await trained.ExportAsync(new float[(await trained.DescribeAsync(None)).Layout.Length], Directory.CreateDirectory(_machines["start"]).FullName, None);

        var error = await Assert.ThrowsAsync<BadInputException>(() => _machines.SubmitAsync(_machines.Job with { Method = new TFewSpec { InitialAdapter = _machines["start"] } }));

        Assert.Equal($"method.initial_adapter: {_machines["start"]} is an adapter of lora, and training of ia3 starts from one of its own. Name another folder.", error.Message);
    }

    [Fact]
    public async Task Virtual_tokens_count_to_the_models_context()
    {
        var job = _machines.Job with { Method = new PrefixTuningSpec { NumVirtualTokens = 500 } };

        var error = await Assert.ThrowsAsync<BadInputException>(() => _machines.SubmitAsync(job));

        Assert.Matches(@"but the model was made for 512 \(max_position_embeddings in config\.json\), of which the method takes 500\. Set it to 12 or less\.$", error.Message);
    }

    [Fact]
    public async Task Rows_longer_than_the_models_context_are_refused_when_the_job_is_packed()
    {
        File.WriteAllText(_machines["base/config.json"], File.ReadAllText(_machines["base/config.json"]).Replace("512", "16", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<BadInputException>(() => _machines.SubmitAsync(_machines.Job));

        Assert.Matches(@"^data\.max_length: 64 lets rows of data\.train be \d+ tokens long, but the model was made for 16 \(max_position_embeddings in config\.json\)\. Set it to 16 or less\.$", error.Message);
    }
}
