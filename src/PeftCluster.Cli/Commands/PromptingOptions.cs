using System.CommandLine;
using System.Globalization;

namespace PeftCluster.Cli.Commands;

/// <summary>The options of <c>peft eval</c> that say what stands before a question. Each is a key of the job's section evaluation, and wins over it.</summary>
internal sealed class PromptingOptions
{
    private readonly Option<string?> _shots = new("--shots")
    {
        Description = "Examples in the prompt of the base, a measurement for each number: 0,1,8 (evaluation.shots).",
        HelpName = "N[,N]",
    };

    private readonly Option<double?> _wrong = new("--wrong-labels")
    {
        Description = "The share of the examples that get a wrong answer, 0 to 1 (evaluation.wrong_labels).",
        HelpName = "FRACTION",
    };

    private readonly Option<bool> _balanced = new("--balanced") { Description = "Right choices of the examples in turn (evaluation.balanced)." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_shots, _wrong, _balanced])
            command.Add(option);
    }

    /// <summary>As overrides of the job.</summary>
    public IReadOnlyList<string> Overrides(ParseResult parsed) =>
    [
        .. parsed.GetValue(_shots) is { } shots ? [$"evaluation.shots=[{shots}]"] : Array.Empty<string>(),
        .. parsed.GetValue(_wrong) is { } wrong ? [string.Create(CultureInfo.InvariantCulture, $"evaluation.wrong_labels={wrong:R}")] : Array.Empty<string>(),
        .. parsed.GetValue(_balanced) ? ["evaluation.balanced=true"] : Array.Empty<string>(),
    ];
}
