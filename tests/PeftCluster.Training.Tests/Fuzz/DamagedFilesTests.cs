using System.Diagnostics;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using TorchSharp;

namespace PeftCluster.Training.Tests.Fuzz;

/// <summary>
/// Damaged files, a fixed number of them: whoever reads one reads what it says, or says in one line what is wrong. No other end, no
/// endless one, and no memory out of a number in a file. PEFTCLUSTER_FUZZ_SEED and PEFTCLUSTER_FUZZ_CASES try other and more ones.
/// </summary>
public sealed class DamagedFilesTests(ITestOutputHelper output)
{
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("PEFTCLUSTER_FUZZ_CASES"), out var cases) ? cases : 80;
    private const long MostBytes = 200_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly long Seed = long.TryParse(Environment.GetEnvironmentVariable("PEFTCLUSTER_FUZZ_SEED"), out var seed) ? seed : 20261124;

    public static TheoryData<string> Models => ["models/llama", "models/gemma2", "models/phi3", "models/gpt2", "models/t5-v1_1", "extra/rope-yarn", "extra/rope-longrope", "extra/roberta"];

    public static TheoryData<string> Adapters => ["models/llama/lora", "models/llama/ia3", "models/llama/dora", "models/t5/lora-all-rs", "extra/bert/bert-classify", "models/llama/prefix", "models/t5/prompt", "extra/llama/lora-regex", "extra/llama/vera", "extra/llama/adalora", "extra/llama/lokr"];

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_damaged_config_is_read_or_refused(string model) => Try(model, folder =>
    {
        var config = ModelConfigFile.Load(folder);
        _ = AdapterPlan.Of(new LoraSpec { TargetModules = ["all-linear"] }, config).Summary;
        WeightStore.Open(folder, config).Dispose();
    }, (damage, folder) => Rewrite(folder, "config.json", damage.Json));

    [Theory]
    [MemberData(nameof(Models))]
    public Task Damaged_weights_are_read_or_refused(string model) => Try(model, folder =>
    {
        using var store = WeightStore.Open(folder, ModelConfigFile.Load(folder));
        _ = store.Sha256;
    }, (damage, folder) => Rewrite(folder, "model.safetensors", damage.Safetensors));

    [Theory]
    [MemberData(nameof(Adapters))]
    public Task A_damaged_adapter_is_read_or_refused(string adapter)
    {
        var config = ModelConfigFile.Load(Path.Combine(GoldenFolder.Of(Path.GetDirectoryName(adapter)!), "model"));
        return Try(adapter, folder =>
        {
            var opened = AdapterFolder.Open(folder, _ => { });
            opened.CheckTask(config);
            _ = opened.Read(AdapterPlan.Of(opened.Method, config).Layout);
        }, (damage, folder) =>
        {
            Rewrite(folder, "adapter_config.json", damage.Json);
            if (damage.Done.Count > 1)
                Rewrite(folder, "adapter_model.safetensors", damage.Safetensors);
        });
    }

    private async Task Try(string golden, Action<string> read, Action<Damage, string> damage)
    {
        await using var device = new DeviceThread(new ComputeDevice(DeviceType.CPU, 0), 1);
        using var process = Process.GetCurrentProcess();
        var (refused, source) = (0, Source(golden));
        for (var number = 0; number < Cases; number++)
        {
            using var folder = new TemporaryFolder();
            foreach (var file in Directory.GetFiles(source))
                File.Copy(file, folder.File(Path.GetFileName(file)));
            var done = new Damage(Seed, number);
            damage(done, folder.Path);
            var what = $"seed {Seed}, case {number} of {golden}: {string.Join("; ", done.Done)}";
            process.Refresh();
            var before = process.WorkingSet64;
            try
            {
                await device.RunAsync(_ =>
                {
                    var allocated = GC.GetAllocatedBytesForCurrentThread();
                    try
                    {
                        read(folder.Path);
                    }
                    finally
                    {
                        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < MostBytes, $"{what}: {GC.GetAllocatedBytesForCurrentThread() - allocated:N0} bytes");
                    }
                }, TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
            }
            catch (BadInputException error)
            {
                refused++;
                Assert.False(error.Message.Any(char.IsControl), $"{what}: {error.Message}");
                Assert.True(error.Message.Length is > 10 and < 3000, $"{what}: {error.Message.Length} characters");
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{what}: {error}");
            }
            process.Refresh();
            Assert.True(process.WorkingSet64 - before < MostBytes, $"{what}: {process.WorkingSet64 - before:N0} bytes more");
        }
        output.WriteLine($"seed {Seed}: {refused} of {Cases} refused, the others read");
        Assert.InRange(refused, Cases / 10, Cases - 1);
    }

    private static string Source(string golden)
    {
        var folder = Path.Combine(GoldenFolder.Root, golden);
        return Directory.Exists(Path.Combine(folder, "model")) ? Path.Combine(folder, "model") : folder;
    }

    private static void Rewrite(string folder, string name, Func<byte[], byte[]> damage)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, damage(File.ReadAllBytes(path)));
    }
}
