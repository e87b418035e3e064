namespace PeftCluster.Data.Prompts;

/// <summary>An example in a prompt.</summary>
/// <param name="Row">The training row.</param>
/// <param name="Answer">Which of its choices stands behind it; of rows without choices, the training row whose completion does. Not the right one where a wrong answer is wanted.</param>
public sealed record Demonstration(int Row, int Answer);
