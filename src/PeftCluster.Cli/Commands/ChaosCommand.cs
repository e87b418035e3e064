using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Chaos;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft chaos</c>: real processes on this machine, one fault after another, and what must hold afterwards.</summary>
internal static class ChaosCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string?>("FAULTS") { Description = "A file of rows (docs/reliability.md); the built-in matrix when it is not given.", Arity = ArgumentArity.ZeroOrOne };
        var source = new Option<string>("--source")
        {
            Description = "What computes: arithmetic, a made-up function; or real, a job's own model, cut to sixteen steps.",
            HelpName = "SOURCE",
            DefaultValueFactory = _ => "arithmetic",
        };
        source.AcceptOnlyFromAmong("arithmetic", "real");
        var job = new Option<string>("--job") { Description = "The job of --source real.", HelpName = "JOB", DefaultValueFactory = _ => "examples/quickstart/job.yaml" };
        var set = new JobOptions().Set;
        var seed = new Option<long>("--seed") { Description = "Draws which messages, how late and in which order.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var only = new Option<string[]>("--only") { Description = "Only rows whose name holds this text. May be repeated.", HelpName = "TEXT", DefaultValueFactory = _ => [] };
        var strict = new Option<bool>("--strict") { Description = "Rows that this machine cannot run count as failed." };
        var list = new Option<bool>("--list") { Description = "List the rows and run none." };
        var keep = new Option<bool>("--keep") { Description = "Keep the rows' folders with logs and journals." };
        var folder = new Option<string?>("--folder") { Description = "Where the rows' folders are made; a temporary one when it is not given.", HelpName = "FOLDER" };
        var markdown = new Option<string?>("--markdown") { Description = "Write the table to a file, as docs/reliability.md has it.", HelpName = "FILE" };
        var parallel = new Option<int>("--parallel") { Description = "Rows at a time. Rows about speed want the machine for themselves.", HelpName = "N", DefaultValueFactory = _ => 1 }.Between(1, 16);
        var database = new Option<string?>("--database") { Description = "A PostgreSQL server for the rows with two coordinators, as a connection string; each row makes a database there and drops it. Without it they are unavailable.", HelpName = "STRING" };
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("chaos", "Kill, freeze, cut and corrupt real processes of this machine at named points, and see that every run ends with the same bits.") { file };
        foreach (var option in (Option[])[source, job, set, only, seed, parallel, database, strict, list, keep, folder, markdown, json, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            if (OperatingSystem.IsWindows())
                throw new BadInputException("peft chaos: needs SIGKILL and SIGSTOP, which this system does not have. Run it on Linux or macOS.");
            var rows = Chosen(parsed.GetValue(file) is { } path ? FaultsFile.Read(path) : BuiltInRows.All, parsed.GetRequiredValue(only));
            if (parsed.GetValue(list))
            {
                foreach (var row in rows)
                    terminal.Out.WriteLine(ChaosText.Row(row));
                if (parsed.GetValue(json))
                    terminal.Out.WriteLine(JsonLine.Of(new { Rows = rows.Select(row => new { row.Fault, row.Point }) }));
                return ExitCode.Done;
            }
            IChaosJob what = parsed.GetValue(source) == "real" ? new RealJob(JobFile.Load(parsed.GetRequiredValue(job), parsed.GetRequiredValue(set), PluginHost.OfPaths)) : new ArithmeticJob();
            var settings = new ChaosSettings(parsed.GetValue(seed), what, TimeProvider.System) { Parallel = parsed.GetValue(parallel), Database = parsed.GetValue(database), KeepsFolders = parsed.GetValue(keep), Folder = parsed.GetValue(folder) };
            var results = await ChaosMatrix.RunAsync(rows, settings, result => terminal.Out.WriteLine(ChaosText.Result(result)), interruption.Token);
            if (parsed.GetValue(markdown) is { } document)
                ReliabilityTable.Put(document, ReliabilityTable.Of(results, CommandLine.Version, settings.Seed, settings.Time.GetLocalNow()), parsed.GetRequiredValue(source));
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(new { Rows = results.Select(result => new { result.Fault, result.Fired, result.Held, result.RecoveryMs, result.Note }) }));
            return results.All(result => result.Unavailable ? !parsed.GetValue(strict) : result.Passed) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static IReadOnlyList<ChaosRow> Chosen(IReadOnlyList<ChaosRow> rows, string[] texts)
    {
        var known = rows.Append(ChaosMatrix.Undisturbed).ToArray();
        foreach (var text in texts)
            if (!known.Any(row => Has(row, text)))
                throw new BadInputException($"--only: no row is called \"{text}\". peft chaos --list names them.");
        return texts.Length == 0 ? rows : [.. rows.Where(row => texts.Any(text => Has(row, text)))];

        static bool Has(ChaosRow row, string text) => row.Fault.Contains(text, StringComparison.OrdinalIgnoreCase);
    }
}
