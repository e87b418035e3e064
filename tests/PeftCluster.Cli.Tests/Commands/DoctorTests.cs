using System.Text.Json;

namespace PeftCluster.Cli.Tests.Commands;

public sealed class DoctorTests
{
    [Fact]
    public async Task The_doctor_says_what_this_machine_computes_with()
    {
        var answer = await Shell.RunAsync("doctor", "--json");

        var machine = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal(0, answer.Code);
        Assert.True(machine.GetProperty("fit").GetBoolean(), answer.LastLine);
        Assert.Equal(Environment.ProcessorCount, machine.GetProperty("cores").GetInt32());
        Assert.Contains("libtorch", machine.GetProperty("numeric_class").GetString(), StringComparison.Ordinal);
        Assert.True(machine.GetProperty("memory_bytes").GetInt64() > machine.GetProperty("available_bytes").GetInt64());
    }

    [Fact]
    public async Task Another_thread_count_is_another_numeric_class()
    {
        var one = await Shell.RunAsync("doctor", "--threads", "1");
        var two = await Shell.RunAsync("doctor", "--threads", "2");

        Assert.NotEqual(one.Out, two.Out);
        Assert.EndsWith("This machine can train.", one.Out.TrimEnd(), StringComparison.Ordinal);
    }
}
