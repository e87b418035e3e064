namespace PeftCluster.Data.Prompts;

/// <summary>A held-out row's prompt.</summary>
/// <param name="Tokens">What the model reads before it answers.</param>
/// <param name="Examples">How many examples stand in it.</param>
/// <param name="LeftOut">How many more were asked for, and left out because it would have been too long.</param>
/// <param name="Shared">How many tokens it starts with that are the same for all rows under this template with as many examples: description and examples. 0 where each row has examples of its own.</param>
public sealed record FewShotPrompt(int[] Tokens, int Examples, int LeftOut, int Shared);
