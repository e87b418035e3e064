using System.Globalization;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>
/// One wording of a task: composite formats of a prompt and of an answer choice. Filled with a row's values they give its text; filled with
/// names in double braces they give a template of task.yaml.
/// </summary>
/// <param name="Name">What people call it.</param>
/// <param name="Prompt">The order's sentence is {0}, what is asked about is {1}: <c>{0} Which {1}?</c></param>
/// <param name="Answer">The choice is {0}: <c>It is {0}.</c></param>
internal sealed record Template(string Name, string Prompt, string Answer = "{0}")
{
    public string PromptOf(string order, string about) => string.Format(CultureInfo.InvariantCulture, Prompt, order, about);

    public string AnswerOf(string choice) => string.Format(CultureInfo.InvariantCulture, Answer, choice);
}
