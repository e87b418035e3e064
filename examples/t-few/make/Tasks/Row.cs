namespace PeftCluster.TFew.Make.Tasks;

/// <summary>A prompt with its answer choices, as text.</summary>
/// <param name="Order">The order's sentence, which is part of the prompt.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Choices">What can be answered.</param>
/// <param name="Right">Which of them is right, from 0.</param>
internal sealed record Row(string Order, string Prompt, IReadOnlyList<string> Choices, int Right)
{
    public string Answer => Choices[Right];
}
