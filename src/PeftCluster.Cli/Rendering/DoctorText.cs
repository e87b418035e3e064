using System.Globalization;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Rendering;

/// <summary>The doctor's finding as lines for people.</summary>
internal static class DoctorText
{
    public static void Write(TextWriter output, MachineReport machine)
    {
        var lines = new (string Name, string Text)[]
        {
            ("device", machine.Device ?? "none"),
            ("libtorch", machine.Libtorch ?? "not loaded"),
            ("bits", machine.NumericClass ?? "unknown"),
            ("cores", string.Create(CultureInfo.InvariantCulture, $"{machine.Cores}")),
            ("memory", string.Create(CultureInfo.InvariantCulture, $"{Figures.Bytes(machine.MemoryBytes)}, {Figures.Bytes(machine.AvailableBytes)} free")),
            ("system", machine.System),
        };
        foreach (var (name, text) in lines)
            output.WriteLine($"{name,-9}{text}");
        output.WriteLine();
        foreach (var problem in machine.Problems)
            output.WriteLine($"problem  {problem}");
        output.WriteLine(machine.Fit ? "This machine can train." : "This machine cannot train as it is.");
    }
}
