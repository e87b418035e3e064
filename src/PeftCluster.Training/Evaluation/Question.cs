using PeftCluster.Training.Generation;

namespace PeftCluster.Training.Evaluation;

/// <summary>A held-out row as it is asked.</summary>
/// <param name="Row">The row.</param>
/// <param name="Prompt">What the model reads before it answers.</param>
/// <param name="Beginning">What of it other prompts share.</param>
/// <param name="LeftOut">Examples that were asked for and left out.</param>
internal sealed record Question(int Row, int[] Prompt, PromptBeginning Beginning, int LeftOut);
