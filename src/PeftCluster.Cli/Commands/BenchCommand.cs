using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Training.Bench;

namespace PeftCluster.Cli.Commands;

/// <summary>
/// <c>peft bench step</c>: what one training step of a model of that size costs on this machine; <c>peft bench rows</c>: what putting rows together saves; <c>peft bench load</c>: what
/// loading a model does.
/// </summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal) =>
        new("bench", "Measure this machine.") { StepCommand(terminal), RowsCommand(terminal), LoadCommand(terminal) };

    private static Command StepCommand(Terminal terminal)
    {
        var (config, method) = (Config(), Method());
        var dtype = BaseDtypeOption.Create("The number format of the base's weights", BaseDtype.Float32, BaseDtype.Bfloat16, BaseDtype.Float16);
        var batch = Number("--batch", "Rows of the micro-batch.", 4, most: 4096);
        var length = Number("--length", "Tokens of a row.", 256, most: 131_072);
        var threads = Number("--threads", "Threads that the worker computes with.", 1, most: 256);
        var checkpointing = new Option<string>("--gradient-checkpointing") { Description = "Which layers compute their activations again: off, on, or as few as it takes.", HelpName = "auto|on|off", DefaultValueFactory = _ => "off" };
        checkpointing.AcceptOnlyFromAmong("auto", "on", "off");
        var memory = new Option<string?>("--memory") { Description = "The most that a step may take, for example 4GB; for auto.", HelpName = "AMOUNT" };
        memory.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } amount && !MemorySize.Is(amount))
                result.AddError($"--memory: expected {MemorySize.Words}, found {amount}");
        });
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("step", "Measure one training step of a model with random weights, against the product that bounds it.")
        {
            config, method, dtype, batch, length, threads, checkpointing, memory, json, verbose,
        };
        return Measuring(terminal, command, (json, verbose), (parsed, cancellation) => StepMeasurement.OfAsync(
                parsed.GetRequiredValue(config), parsed.GetRequiredValue(method), BaseDtypeOption.Read(parsed, dtype), (parsed.GetValue(batch), parsed.GetValue(length)), parsed.GetValue(threads),
                (Enum.Parse<GradientCheckpointing>(parsed.GetValue(checkpointing)!, ignoreCase: true), parsed.GetValue(memory) is { } amount ? MemorySize.Bytes(amount) : null), cancellation), BenchText.Write);
    }

    private static Command RowsCommand(Terminal terminal)
    {
        var (config, method) = (Config(), Method());
        var rows = Number("--rows", "Rows of made-up data: prompts of 90 tokens in the median, completions of 60.", 192, most: 1_000_000);
        var batch = Number("--batch", "Rows of a micro-batch, each in a padded row of its own.", 4, most: 4096);
        var packed = Number("--packed-batch", "Packed rows of a micro-batch.", 2, most: 4096);
        var length = new Option<int>("--length") { Description = "The most tokens of a row, and those of a packed one.", HelpName = "N", DefaultValueFactory = _ => 512 }.Between(8, 131_072);
        var threads = Number("--threads", "Threads that the worker computes with.", 1, most: 256);
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("rows", "Measure how fast rows of unlike lengths are learnt from: in random batches, grouped by length, packed.")
        {
            config, method, rows, batch, packed, length, threads, json, verbose,
        };
        return Measuring(terminal, command, (json, verbose), (parsed, cancellation) => StepMeasurement.OfRowsAsync(
                parsed.GetRequiredValue(config), parsed.GetRequiredValue(method), (parsed.GetValue(rows), parsed.GetValue(batch), parsed.GetValue(packed), parsed.GetValue(length)), parsed.GetValue(threads), cancellation), BenchText.Write);
    }

    /// <summary>Lets a command measure, and say what it has measured.</summary>
    private static Command Measuring<T>(
        Terminal terminal, Command command, (Option<bool> Json, Option<bool> Verbose) options, Func<ParseResult, CancellationToken, Task<T>> measure, Action<TextWriter, T> write)
    {
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(options.Json), parsed.GetValue(options.Verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var result = await measure(parsed, interruption.Token);
            if (parsed.GetValue(options.Json))
                terminal.Out.WriteLine(JsonLine.Of(result));
            else
                write(terminal.Out, result);
            return ExitCode.Done;
        }));
        return command;
    }

    private static Option<string> Config() => new("--config") { Description = "A model's config.json; its weights are random.", HelpName = "CONFIG.json", Required = true };

    private static Option<string> Method()
    {
        var method = new Option<string>("--method") { Description = $"The adapter, with its defaults: {string.Join(", ", MethodRegistry.Records.Keys)}.", HelpName = "METHOD", DefaultValueFactory = _ => "lora" };
        method.AcceptOnlyFromAmong([.. MethodRegistry.Records.Keys]);
        return method;
    }

    private static Command LoadCommand(Terminal terminal)
    {
        var model = new Option<string>("--model") { Description = "The model's folder.", HelpName = "FOLDER", Required = true };
        var dtype = BaseDtypeOption.Create("The weights' format in memory");
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("load", "Measure the time and the memory that loading a base model takes.") { model, dtype, json, verbose };
        return Measuring(terminal, command, (json, verbose), (parsed, cancellation) => LoadBenchmark.RunAsync(parsed.GetRequiredValue(model), BaseDtypeOption.Read(parsed, dtype), cancellation), BenchText.Write);
    }

    private static Option<int> Number(string name, string description, int standard, int most) =>
        new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard }.Between(1, most);
}
