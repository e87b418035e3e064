using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;
using PeftCluster.Training.Combining;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft adapter combine</c>: a new adapter of weighted ones, by the names of PEFT's <c>add_weighted_adapter</c>.</summary>
internal static class CombineCommand
{
    private static readonly string Types = string.Join(", ", CombinationType.All.Select(type => type.Name));

    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("A B … OUT") { Description = "The adapters' folders, and last the folder to make, which must not exist yet.", Arity = new ArgumentArity(2, 1000) };
        var method = new Option<CombinationType>("--method") { Description = $"How: {Types}.", HelpName = "NAME", DefaultValueFactory = _ => CombinationType.Linear, CustomParser = Type };
        var weights = new Option<double[]>("--weights") { Description = "One for each adapter, with commas between them; may be negative.", HelpName = "W,W", Required = true, CustomParser = Weights };
        var density = new Option<double?>("--density") { Description = "ties, dare_*, magnitude_prune: the share of numbers to keep, above 0, at most 1.", HelpName = "X" };
        var majority = new Option<string?>("--majority-sign") { Description = "ties, dare_ties: which sign wins, that of the sum (total) or that of most adapters (frequency).", HelpName = "total|frequency" };
        var rank = new Option<int?>("--rank") { Description = "svd, *_svd: the new adapter's rank; without it the largest of the adapters'.", HelpName = "R" };
        var clamp = new Option<double?>("--clamp") { Description = "svd, *_svd: no number of the factors goes beyond this quantile of them, above 0, at most 1.", HelpName = "Q" };
        var seed = new Option<long?>("--seed") { Description = "dare_*: what is dropped; the same seed drops the same.", HelpName = "N" };
        OptionLimits.Add(density, value => value is > 0 and <= 1, "a number above 0, at most 1 is allowed");
        OptionLimits.Add(clamp, value => value is > 0 and <= 1, "a number above 0, at most 1 is allowed");
        OptionLimits.Add(rank, value => value is >= 1 and <= 4096, "1 to 4096 are allowed");
        majority.AcceptOnlyFromAmong("total", "frequency");
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("combine", "Combine LoRA or IA3 adapters of one base model into a new one, as PEFT's add_weighted_adapter does.") { folders, method, weights, density, majority, rank, clamp, seed, json, verbose };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var places = parsed.GetRequiredValue(folders);
            var spec = new CombinationSpec(
                parsed.GetRequiredValue(method), parsed.GetRequiredValue(weights), parsed.GetValue(density), parsed.GetValue(majority) is { } sign ? sign == "frequency" : null, parsed.GetValue(rank), parsed.GetValue(seed), parsed.GetValue(clamp));
            var made = await LocalProcessor.RunAsync(token => AdapterCombination.Write(places[..^1], places[^1], spec, terminal.Warn, token), interruption.Token);
            terminal.Out.WriteLine(parsed.GetValue(json) ? JsonLine.Of(made) : string.Create(CultureInfo.InvariantCulture,
                $"combined  {places.Length - 1} adapters, {made.Method}\nadapter   {made.Adapter}\nfolder    {made.Folder}   {Figures.Count(made.Numbers)} numbers in {Figures.Count(made.Tensors)} tensors   {Figures.Bytes(made.Bytes)}   sha256 {made.Sha256[..12]}…"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static CombinationType? Type(ArgumentResult result)
    {
        var name = result.Tokens[0].Value;
        if (CombinationType.Of(name) is { } type)
            return type;
        result.AddError($"--method: {name} is not known. There are {Types}");
        return null;
    }

    private static double[]? Weights(ArgumentResult result)
    {
        var parts = result.Tokens[0].Value.Split(',');
        var weights = new double[parts.Length];
        for (var index = 0; index < parts.Length; index++)
        {
            if (!double.TryParse(parts[index], NumberStyles.Float, CultureInfo.InvariantCulture, out weights[index]) || !double.IsFinite(weights[index]))
            {
                result.AddError($"--weights: \"{parts[index]}\" is no number. Give one for each adapter, with commas between them: 0.7,0.3");
                return null;
            }
        }
        return weights;
    }
}
