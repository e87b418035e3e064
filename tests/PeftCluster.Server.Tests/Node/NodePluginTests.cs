using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Server.Tests.Node;

/// <summary>A worker node computes a plugin's job with its own copy of the plugin, or says why not.</summary>
public sealed class NodePluginTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TwoMachines _machines = new();

    public void Dispose() => _machines.Dispose();

    [Fact]
    public async Task A_node_with_the_plugin_computes_and_measures_what_the_clients_own_process_does()
    {
        Directory.CreateDirectory(_machines["node-plugins"]);
        File.Copy(Built, _machines["node-plugins/ExamplePlugin.dll"]);
        var job = Job();
        var parcel = await _machines.SubmitAsync(job);
        await using var local = TwoMachines.LocalDevice(parcel.Data);
        await using var here = await local.OpenAsync(SourceRequest.Own(job), None);
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node with { Plugins = [_machines["node-plugins"]] }));
        await using var there = await device.OpenAsync(_machines.Request(job, parcel), None);

        var work = TwoMachines.Work(job, parcel.Data.Train, 2);
        Assert.Equal(await TwoMachines.BitsAsync(here, work), await TwoMachines.BitsAsync(there, work));
        var rows = new EvaluationWork([0, 1, 2], 0);
        var (ours, theirs) = (await here.EvaluateAsync(rows, null, None), await there.EvaluateAsync(rows, null, None));
        Assert.Equal(ours.SelectMany(row => row.Scores!), theirs.SelectMany(row => row.Scores!));
        Assert.Equal(["edit_similarity"], ours.SelectMany(row => row.Scores!).Select(score => score.Metric).Distinct());
    }

    [Fact]
    public async Task A_node_that_was_allowed_none_refuses_the_job_in_one_line()
    {
        var job = Job();
        var parcel = await _machines.SubmitAsync(job);
        await using var device = TwoMachines.Device(new NodeStock(_machines.Node));

        var refusal = await Assert.ThrowsAsync<BadInputException>(() => device.OpenAsync(_machines.Request(job, parcel), None));

        Assert.Equal("plugins: ExamplePlugin.dll: this node takes no plugins. Start it with --plugins FOLDER, and put the file there.", refusal.Message);
    }

    private static string Built
    {
        get
        {
            var bin = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(bin.Parent!.Parent!.FullName, "ExamplePlugin", bin.Name, "ExamplePlugin.dll");
        }
    }

    private JobSpec Job() => JobFile.Parse(
        File.ReadAllText(_machines["job.yaml"]), "job.yaml", _machines[""].TrimEnd(Path.DirectorySeparatorChar),
        [$"plugins=[{Built}]", "method={type: ssf}", "training.loss={type: focal}", "evaluation.metrics=[edit_similarity]"], PluginHost.OfPaths);
}
