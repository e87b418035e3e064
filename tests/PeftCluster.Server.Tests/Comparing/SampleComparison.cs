using PeftCluster.Server.Comparing;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Tests.Comparing;

/// <summary>Made-up results of two prompts and a method with two seeds.</summary>
internal static class SampleComparison
{
    public static ArmResult Prompt(string arm, int shots, int seed, params double[] templates) =>
        Result(arm, seed, templates) with { Shots = shots, PromptTokens = 20 + 30 * shots, Costs = new ArmCosts(0, 0, 120 * shots, 0, 1e6 * (1 + shots)), Seconds = 0.5 };

    public static ArmResult Method(string arm, int seed, params double[] templates) => Result(arm, seed, templates);

    public static ComparisonTable Table() => ComparisonTable.Of("rte <few>", [0, 1],
        [
            Prompt("zero-shot", 0, 0, 0.5, 0.6), Prompt("four-shot", 4, 0, 0.55, 0.65), Prompt("four-shot, 50 % wrong", 4, 0, 0.4, 0.5), Method("t-few", 0, 0.9, 0.8),
            Method("t-few", 1, 0.7, 1), Prompt("zero-shot", 0, 1, 0.5, 0.6), Prompt("four-shot", 4, 1, 0.6, 0.7), Prompt("four-shot, 50 % wrong", 4, 1, 0.5, 0.5),
        ],
        [new FailedArm("lora", 1, "diverged at step 3")]);

    private static ArmResult Result(string arm, int seed, double[] templates) => new()
    {
        Arm = arm,
        Seed = seed,
        Identity = $"{arm} {seed}",
        Accuracy = templates.DefaultIfEmpty().Average(),
        Templates = templates,
        Scores = [new Score("token_f1", templates.DefaultIfEmpty().Max())],
        Loss = 0.3,
        PromptTokens = 20,
        Rows = 100,
        Costs = new ArmCosts(1_024, 0.002, 4_096, 3e6, 1e6),
        Seconds = 2,
    };
}
