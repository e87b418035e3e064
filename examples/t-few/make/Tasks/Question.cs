namespace PeftCluster.TFew.Make.Tasks;

/// <summary>One thing asked about an order, before it is put in words.</summary>
/// <param name="Order">The order's sentence.</param>
/// <param name="About">What is asked about.</param>
/// <param name="Choices">What can be answered.</param>
/// <param name="Right">Which of them is right, from 0.</param>
internal sealed record Question(string Order, string About, IReadOnlyList<string> Choices, int Right)
{
    /// <summary>The question under a template: prompt, and answer choices written out as text.</summary>
    public Row Under(Template template) => new(Order, template.PromptOf(Order, About), [.. Choices.Select(template.AnswerOf)], Right);
}
