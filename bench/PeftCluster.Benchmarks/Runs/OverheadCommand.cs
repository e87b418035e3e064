using System.CommandLine;
using System.Globalization;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>
/// <c>overhead</c>: a run of processes whose gradients take a fixed time and no processor, so that all else of a step is what is left; and from a worker's death
/// to the end of its step.
/// </summary>
internal static class OverheadCommand
{
    public static Command Create()
    {
        var workers = new Option<int>("--workers") { Description = "Worker processes.", DefaultValueFactory = _ => 4 };
        var floats = Reading.Numbers("--floats", "Floats of the vector.", 1 << 20);
        var gradient = new Option<int>("--gradient-ms") { Description = "How long a gradient takes.", DefaultValueFactory = _ => 500 };
        var steps = new Option<int>("--steps") { Description = "Measured steps.", DefaultValueFactory = _ => 40 };
        var kills = new Option<int>("--kills") { Description = "Workers that are killed after that.", DefaultValueFactory = _ => 5 };
        var json = Reading.Json();
        var command = new Command("overhead", "What a step costs besides its gradients, and a worker's death.") { workers, floats, gradient, steps, kills, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            List<OverheadRow> rows = [];
            foreach (var length in parsed.GetRequiredValue(floats))
            {
                var row = await new OverheadMeasurement(parsed.GetValue(workers), length, parsed.GetValue(gradient))
                    .RunAsync(parsed.GetValue(steps), parsed.GetValue(kills), cancellation);
                rows.Add(row);
                if (!parsed.GetValue(json))
                    Write(row);
            }
            if (parsed.GetValue(json))
                Console.WriteLine(Reading.JsonOf(new { Machine.Here, Rows = rows, Holds = rows.TrueForAll(row => row.Holds) }));
            return rows.TrueForAll(row => row.Holds) ? 0 : 1;
        });
        return command;
    }

    private static void Write(OverheadRow row)
    {
        var culture = CultureInfo.InvariantCulture;
        Console.WriteLine(string.Create(culture,
            $"{row.Workers} workers, {row.Floats} floats: a step takes {row.StepMs:0.0} ms (mean {row.MeanStepMs:0.0}), its gradients {row.GradientMs} ({row.ComputingMs:0.0} measured): {row.Overhead:P2}, bound {row.OverheadBound:P0}"));
        Console.WriteLine(string.Create(culture,
            $"from a worker's death to the commit: {string.Join(", ", row.RecoveriesMs.Select(one => one.ToString("0", culture)))} ms, bound {row.RecoveryBoundMs:0}; holds {row.Holds}"));
    }
}
