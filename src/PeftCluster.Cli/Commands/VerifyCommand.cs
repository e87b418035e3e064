using System.CommandLine;
using System.Globalization;
using PeftCluster.Cli.Rendering;
using PeftCluster.Jobs;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft verify same-bits JOB</c>: proves on this machine that the adapter does not depend on who computed what.</summary>
internal static class VerifyCommand
{
    private const string ArrivalOrder = "arrival-order";

    public static Command Create(Terminal terminal) =>
        new("verify", "Prove what the product claims, on this machine and this job.") { SameBitsCommand(terminal) };

    private static Command SameBitsCommand(Terminal terminal)
    {
        var job = new JobOptions();
        var workers = new Option<int[]>("--workers")
        {
            Description = "Numbers of workers to train with; 1,2,3,4 when it is not given.",
            HelpName = "N,N,…",
            CustomParser = result =>
            {
                var numbers = result.Tokens.SelectMany(token => token.Value.Split(',')).Select(text =>
                    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 64 ? number : 0).ToArray();
                if (numbers.Contains(0))
                    result.AddError("--workers: write numbers of 1 to 64 with commas between them, for example 1,2,4");
                return numbers;
            },
        };
        var schedules = new Option<int>("--schedules") { Description = "Orders of arrival to try with each.", HelpName = "N", DefaultValueFactory = _ => 1 }.Between(1, 1000);
        var seed = new Option<long>("--seed") { Description = "Draws the orders of arrival.", HelpName = "S", DefaultValueFactory = _ => 0 };
        var sabotage = new Option<string?>("--sabotage")
        {
            Description = "Plant a fault that must be found: arrival-order adds gradients in the order in which they come.",
            HelpName = "FAULT",
        };
        sabotage.AcceptOnlyFromAmong(ArrivalOrder);
        var processes = new Option<bool>("--processes") { Description = "Coordinator and workers as processes of their own, with sockets between them." };
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("same-bits", "Train the job with several numbers of workers and shuffled messages, and compare the adapters' SHA-256.");
        job.AddTo(command);
        foreach (var option in (Option[])[workers, schedules, seed, processes, sabotage, json, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            if (parsed.GetValue(processes) && parsed.GetValue(sabotage) is not null)
                throw new BadInputException("--sabotage: is planted within this process only. Leave out --processes.");
            var asked = new SameBitsRequest(
                parsed.GetValue(workers) is { Length: > 0 } numbers ? numbers : [1, 2, 3, 4], parsed.GetValue(schedules), parsed.GetValue(seed), parsed.GetValue(sabotage) == ArrivalOrder, parsed.GetValue(processes));
            var hashes = await SameBits.RunAsync(
                job.Load(parsed), parsed.GetRequiredValue(job.Job), asked,
                (name, outcome) => terminal.Out.WriteLine($"{name,-24} {outcome.Ended.AdapterSha256}  {Figures.Duration(outcome.Elapsed)}"), interruption.Token);
            var same = hashes.Values.Distinct().Count() == 1;
            terminal.Out.WriteLine(same ? $"same bits in {hashes.Count} runs" : $"{hashes.Values.Distinct().Count()} different adapters in {hashes.Count} runs");
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(new { Hashes = hashes, Same = same }));
            return same ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
