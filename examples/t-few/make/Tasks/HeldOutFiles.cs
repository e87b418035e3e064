using System.Text;
using PeftCluster.Examples.Make;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>Writes train.jsonl and heldout.jsonl, and task.yaml: the held-out family's wordings as Liquid templates over the fields of those rows.</summary>
internal static class HeldOutFiles
{
    public static void Write(string folder, HeldOutData data)
    {
        JsonLines.Write(Path.Combine(folder, "train.jsonl"), data.Train);
        JsonLines.Write(Path.Combine(folder, "heldout.jsonl"), data.Heldout);
        File.WriteAllText(Path.Combine(folder, "task.yaml"), Task());
    }

    private static string Task()
    {
        var text = new StringBuilder("""
            name: aspect
            about: What an order says of one of its aspects, under a word for it that the base has never been asked in this way.
            description: Answer with a word of the order.
            answer: right
            templates:

            """);
        foreach (var template in HeldOutTask.Family.Templates)
        {
            var choices = Enumerable.Range(0, HeldOutTask.Choices).Select(place => $"\"{template.AnswerOf($"{{{{words[{place}]}}}}")}\"");
            text.Append($"  - name: {template.Name}\n    prompt: \"{template.PromptOf("{{order}}", "{{aspect}}")}\"\n    choices: [{string.Join(", ", choices)}]\n");
        }
        return text.ToString();
    }
}
