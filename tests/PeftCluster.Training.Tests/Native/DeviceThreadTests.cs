using PeftCluster.Jobs;
using PeftCluster.Training.Native;
using TorchSharp;

namespace PeftCluster.Training.Tests.Native;

/// <summary>The thread of a device, the devices of a machine and the line that says what may change bits.</summary>
public sealed class DeviceThreadTests
{
    [Fact]
    public async Task Work_runs_in_order_on_one_thread_with_its_own_thread_count()
    {
        await using var device = new DeviceThread(new ComputeDevice(DeviceType.CPU, 0), 2);
        var order = new List<int>();
        var all = Enumerable.Range(0, 20).Select(number => device.RunAsync(_ =>
        {
            order.Add(number);
            return (Environment.CurrentManagedThreadId, torch.get_num_threads());
        }, TestContext.Current.CancellationToken)).ToArray();
        var results = await Task.WhenAll(all);
        Assert.Single(results.Distinct());
        Assert.Equal(2, results[0].Item2);
        Assert.Equal(Enumerable.Range(0, 20), order);
    }

    [Fact]
    public async Task An_error_reaches_who_asked_in_one_line_and_the_thread_lives_on()
    {
        await using var device = new DeviceThread(new ComputeDevice(DeviceType.CPU, 0), 1);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => device.RunAsync(
            _ => torch.nn.functional.linear(torch.ones(2, 3), torch.ones(4, 5)).shape[0], TestContext.Current.CancellationToken));
        Assert.StartsWith("libtorch: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(3, await device.RunAsync(_ => 3, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancelled_work_that_has_not_begun_never_runs()
    {
        await using var device = new DeviceThread(new ComputeDevice(DeviceType.CPU, 0), 1);
        using var gate = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var ran = false;
        var first = device.RunAsync(_ => gate.Wait(CancellationToken.None), CancellationToken.None);
        var second = device.RunAsync(_ => ran = true, stop.Token);
        await stop.CancelAsync();
        gate.Set();
        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(ran);
    }

    [Fact]
    public async Task Tensors_of_finished_work_are_gone()
    {
        await using var device = new DeviceThread(new ComputeDevice(DeviceType.CPU, 0), 1);
        var inside = await device.RunAsync(_ => torch.ones(5).add(1), TestContext.Current.CancellationToken);
        Assert.True(inside.IsInvalid);
    }

    [Fact]
    public void Devices_follow_the_choice()
    {
        Assert.Equal(["cpu:0", "cpu:1"], Names("auto", 2));
        Assert.Equal(["cpu:0", "cpu:1", "cpu:2"], Names("cpu", 3));
        Assert.Equal(["cpu:5"], Names("cpu:5", 3));
    }

    [Theory]
    [InlineData("gpu", "resources.device: \"gpu\" is no device. Write auto, cpu, or cuda:N.")]
    [InlineData("cuda:x", "resources.device: \"cuda:x\" is no device. Write auto, cpu, or cuda:N.")]
    [InlineData("cuda:1", "resources.device: cuda:1: this version computes on processors only. Write cpu.")]
    public void A_wrong_device_is_refused_in_one_line(string choice, string line) =>
        Assert.Equal(line, Assert.Throws<BadInputException>(() => Names(choice, 1)).Message);

    [Fact]
    public void The_numeric_class_names_what_changes_bits()
    {
        var one = NumericClass.Of(new ComputeDevice(DeviceType.CPU, 0), 1);
        Assert.Equal(one, NumericClass.Of(new ComputeDevice(DeviceType.CPU, 3), 1));
        Assert.NotEqual(one, NumericClass.Of(new ComputeDevice(DeviceType.CPU, 0), 2));
        Assert.Contains($"cpu {NumericClass.InstructionSet()};", one, StringComparison.Ordinal);
        Assert.Contains("MKL_CBWR=", one, StringComparison.Ordinal);
        Assert.Contains("libtorch 2.", one, StringComparison.Ordinal);
    }

    private static string[] Names(string choice, int workers) =>
        [.. ComputeDevice.For(choice, workers).Select(device => device.ToString())];
}
