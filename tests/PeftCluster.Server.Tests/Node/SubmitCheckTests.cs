using PeftCluster.Jobs;
using PeftCluster.Server.Node;

namespace PeftCluster.Server.Tests.Node;

/// <summary>Every submit checks its data before a model loads: in this process, and on its way to a cluster elsewhere.</summary>
public sealed class SubmitCheckTests : IDisposable
{
    private readonly TwoMachines _machines = new();

    public SubmitCheckTests()
    {
        // A tokenizer with a token that the embedding of 257 does not have, and a row that has it.
        var tokenizer = File.ReadAllText(_machines["base/tokenizer.json"]);
        File.WriteAllText(_machines["base/tokenizer.json"], tokenizer.Replace("\"id\":256,\"content\":\"\\u003C|endoftext|\\u003E\"", "\"id\":300,\"content\":\"\\u003C|endoftext|\\u003E\"", StringComparison.Ordinal));
        // What would load it says so: no weights, no message about weights.
        File.WriteAllText(_machines["base/model.safetensors"], "");
    }

    [Fact]
    public async Task A_parcel_for_a_cluster_is_refused() => IsRefused(await Assert.ThrowsAsync<BadInputException>(() => _machines.SubmitAsync(_machines.Job)));

    [Fact]
    public async Task A_run_in_this_process_is_refused() => IsRefused(await Assert.ThrowsAsync<BadInputException>(
        () => EmbeddedNode.StartAsync(_machines.Job, new NodeOptions { Workers = 2, Folders = _machines.Client }, TestContext.Current.CancellationToken)));

    public void Dispose() => _machines.Dispose();

    private static void IsRefused(BadInputException refused) => Assert.Contains("id 300 (\"<|endoftext|>\"), and vocab_size in config.json is 257", refused.Message, StringComparison.Ordinal);
}
