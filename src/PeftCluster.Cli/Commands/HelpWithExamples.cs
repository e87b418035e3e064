using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PeftCluster.Cli.Commands;

/// <summary>The library's help, followed by commands that a reader can copy.</summary>
internal sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
{
    /// <summary>Wide enough for a sentence, whatever the terminal: help reads the same everywhere.</summary>
    private const int Columns = 110;

    /// <summary>By the command's name; where two commands share one, with the command above it.</summary>
    private static readonly Dictionary<string, string[]> Examples = new()
    {
        ["peft"] =
        [
            "peft data check examples/quickstart/job.yaml",
            "peft train examples/quickstart/job.yaml",
            "peft eval examples/quickstart/job.yaml --json",
            "peft compare examples/t-few/compare.yaml",
            "peft doctor",
        ],
        ["train"] =
        [
            "peft train job.yaml",
            "peft train job.yaml --set training.learning_rate=1e-4 --set training.max_steps=20",
            "peft train job.yaml --resume",
            "peft train job.yaml --cluster gpu1:4700 --secret-file cluster.secret --tls tls/laptop",
            "peft train job.yaml --quiet --json | tail -n 1",
        ],
        ["check"] = ["peft data check job.yaml", "peft data check job.yaml --html data.html", "peft data check job.yaml --json | tail -n 1"],
        ["eval"] = ["peft eval job.yaml", "peft eval job.yaml --adapter runs/other/adapter --json", "peft eval job.yaml --shots 0,4,16 --wrong-labels 0.5 --samples samples.jsonl"],
        ["compare"] = ["peft compare examples/t-few/compare.yaml --seeds 0-4", "peft compare compare.yaml --seeds 0,1,32 --set training.max_steps=50 --json", "peft compare compare.yaml --cluster gpu1:4700 --secret-file cluster.secret"],
        ["generate"] = ["peft generate --model examples/quickstart/base --adapter runs/quickstart/adapter --prompt \"…\""],
        ["merge"] = ["peft merge examples/quickstart/base runs/quickstart/adapter merged"],
        ["data show"] = ["peft data show job.yaml", "peft data show job.yaml --row 17", "peft data show job.yaml --held-out --row 3 --json"],
        ["adapter show"] = ["peft adapter show runs/quickstart/adapter", "peft adapter show runs/quickstart/adapter --json"],
        ["diff"] = ["peft adapter diff runs/quickstart/adapter runs/other/adapter"],
        ["combine"] =
        [
            "peft adapter combine --weights 0.7,0.3 runs/a/adapter runs/b/adapter runs/both",
            "peft adapter combine --method cat --weights 1,-0.5 runs/a/adapter runs/b/adapter runs/both",
            "peft adapter combine --method ties --weights 1,1,1 --density 0.2 runs/a/adapter runs/b/adapter runs/c/adapter runs/all",
            "peft adapter combine --method svd --rank 8 --weights 0.5,0.5 runs/a/adapter runs/b/adapter runs/both",
        ],
        ["methods"] = ["peft methods", "peft methods --model examples/quickstart/base", "peft methods --model bench/configs/llama-512x8.json --json"],
        ["same-bits"] =
        [
            "peft verify same-bits job.yaml --workers 1,2,3,4 --set training.max_steps=20",
            "peft verify same-bits job.yaml --schedules 5 --seed 7 --json",
            "peft verify same-bits job.yaml --processes --workers 1,3",
            "peft verify same-bits job.yaml --sabotage arrival-order",
        ],
        ["chaos"] = ["peft chaos --list", "peft chaos --only worker --keep --json", "peft chaos --source real --job examples/quickstart/job.yaml --only kill"],
        ["step"] = ["peft bench step --config examples/quickstart/base/config.json --batch 4 --length 256 --threads 2 --json"],
        ["node"] =
        [
            "peft node --roles coordinator",
            "peft node --roles worker --join 127.0.0.1:4700 --listen 127.0.0.1:4701",
            "peft node --roles worker --join gpu1:4700 --listen 10.0.0.2:4700 --models /srv/models --secret-file cluster.secret --tls tls/gpu2",
        ],
        ["certificates"] = ["peft cluster certificates --hosts gpu1,gpu2,laptop --out tls"],
        ["status"] = ["peft cluster status", "peft cluster status gpu1:4700 --json"],
        ["doctor"] = ["peft doctor", "peft doctor --json"],
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        standard.MaxWidth = Columns;
        var code = standard.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        if (!Examples.TryGetValue(command.Name, out var examples) && !Examples.TryGetValue($"{command.Parents.FirstOrDefault()?.Name} {command.Name}", out examples))
            return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine($"  {example}");
        output.WriteLine();
        return code;
    }
}
