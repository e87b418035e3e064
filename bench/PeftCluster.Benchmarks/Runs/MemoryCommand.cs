using System.CommandLine;
using System.Globalization;

namespace PeftCluster.Benchmarks.Runs;

/// <summary><c>memory</c>: a coordinator's peak beside its bound, and whether coordinator or worker grow over many steps.</summary>
internal static class MemoryCommand
{
    public static Command Create()
    {
        var workers = Reading.Numbers("--workers", "Worker processes.", 2, 4);
        var floats = Reading.Numbers("--floats", "Floats of the vector.", 4 << 20);
        var peakSteps = new Option<int>("--peak-steps") { Description = "Steps of each run of long vectors.", DefaultValueFactory = _ => 110 };
        var steps = new Option<int>("--steps") { Description = "Steps in which nothing may grow; 0: that is not measured.", DefaultValueFactory = _ => 10_000 };
        var facts = new Option<bool>("--facts") { Description = "Say too where the coordinator's memory lies, at some steps." };
        var json = Reading.Json();
        var command = new Command("memory", "A coordinator's peak memory, and whether anything grows over many steps.") { workers, floats, peakSteps, steps, facts, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (loud, culture) = (!parsed.GetValue(json), CultureInfo.InvariantCulture);
            var explain = loud && parsed.GetValue(facts) ? Console.WriteLine : (Action<string>?)null;
            List<PeakRow> peaks = [];
            foreach (var count in parsed.GetRequiredValue(workers))
                foreach (var length in parsed.GetRequiredValue(floats))
                {
                    peaks.Add(await MemoryMeasurement.PeakAsync(count, length, parsed.GetValue(peakSteps), explain, cancellation));
                    if (loud)
                        Console.WriteLine(string.Create(culture, $"{count} workers, {length} floats, {peaks[^1].Steps} steps: peak {peaks[^1].PeakMb:0} MB, bound {peaks[^1].BoundMb:0}; holds {peaks[^1].Holds}"));
                }
            var growths = parsed.GetValue(steps) is > 0 and var many ? await MemoryMeasurement.GrowthAsync(many, explain, cancellation) : [];
            if (loud)
                foreach (var row in growths)
                    Console.WriteLine(string.Create(culture, $"{row.Process}, steps {row.FromStep} to {row.ToStep}: {row.FirstMb:0.0} MB at first, {row.LastMb:0.0} at last ({row.LowestMb:0.0} to {row.HighestMb:0.0}), bound +{row.BoundMb:0}; holds {row.Holds}"));
            var holds = peaks.TrueForAll(row => row.Holds) && growths.All(row => row.Holds);
            if (!loud)
                Console.WriteLine(Reading.JsonOf(new { Machine.Here, Peaks = peaks, Growths = growths, Holds = holds }));
            return holds ? 0 : 1;
        });
        return command;
    }
}
