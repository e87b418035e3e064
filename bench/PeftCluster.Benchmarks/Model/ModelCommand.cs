using System.CommandLine;
using System.Globalization;

namespace PeftCluster.Benchmarks.Model;

/// <summary><c>model</c>: prints <see cref="StepTimeModel"/> as the tables of docs/performance.md.</summary>
internal static class ModelCommand
{
    private static readonly double[] _gigabits = [10, 25, 100];
    private static readonly int[] _workers = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    private static readonly double[] _parameters = [1e6, 4e6, 20e6, 70e6, 170e6];

    public static Command Create()
    {
        var host = new Option<double>("--host") { Description = "GB/s that the coordinator's processors take in or give out.", DefaultValueFactory = _ => 4 };
        var json = Reading.Json();
        var command = new Command("model", "What a step costs besides its gradients, by workers, network and parameters.") { host, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                Console.WriteLine(Reading.JsonOf(new { Host = parsed.GetValue(host), Rows = _gigabits.SelectMany(gigabits => Rows(gigabits, parsed.GetValue(host))) }));
            else
                foreach (var gigabits in _gigabits)
                    Write(gigabits, parsed.GetValue(host));
        });
        return command;
    }

    private static StepTimeModel Of(double gigabits, double host) => new(gigabits / 8 * 1e9 * 0.94, host * 1e9);

    private static IEnumerable<object> Rows(double gigabits, double host) => _parameters.SelectMany(parameters => _workers.Select(workers => new
    {
        Gigabits = gigabits,
        Parameters = parameters,
        Workers = workers,
        Seconds = Of(gigabits, host).Seconds(workers, parameters),
    }));

    private static void Write(double gigabits, double host)
    {
        var (model, culture) = (Of(gigabits, host), CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(culture, $"**{gigabits} Gb/s**, seconds by number of workers; the last column is how many keep it under a tenth of a step that computes for 2 s.\n"));
        Console.WriteLine($"| parameters | {string.Join(" | ", _workers)} | workers |");
        Console.WriteLine($"|---:|{string.Concat(_workers.Select(_ => "---:|"))}---:|");
        foreach (var parameters in _parameters)
            Console.WriteLine(
                $"| {(parameters / 1e6).ToString(culture)} M | {string.Join(" | ", _workers.Select(workers => model.Seconds(workers, parameters).ToString("0.000", culture)))} | {model.MostWorkers(parameters, 2, 0.1)} |");
        Console.WriteLine();
    }
}
