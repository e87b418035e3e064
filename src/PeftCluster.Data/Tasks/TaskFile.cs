using System.Text.RegularExpressions;
using PeftCluster.Data.Tasks.Liquid;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Data.Tasks;

/// <summary>Reads a task from YAML. Whatever is wrong is one line with file, line and key.</summary>
internal static partial class TaskFile
{
    public const int MostTemplates = 256;

    public const int MostChoices = 256;

    private static readonly string[] TaskKeys = ["name", "about", "description", "answer", "answers", "templates"];
    private static readonly string[] TemplateKeys = ["name", "prompt", "choices", "choices_field"];

    /// <exception cref="BadInputException">The file cannot be read, or is no task.</exception>
    public static DataTask Load(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return Parse(YamlFile.ReadText(path, "task"), path, name.Length > 0 ? name : "task");
    }

    /// <param name="text">The YAML.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="fallback">The task's name where the text has none.</param>
    /// <exception cref="BadInputException">It is no task.</exception>
    public static DataTask Parse(string text, string file, string fallback)
    {
        if (YamlTree.OfTask(text, file) is not MapNode root)
            throw new BadInputException($"{file}: no task. A task has answer, the field of the right answer, and templates (docs/tasks.md).");
        var task = new TaskSection(root, "", TaskKeys);
        var answer = task.Text("answer").Text;
        var answers = task.Texts("answers", 2, MostChoices);
        var templates = Templates(task, file, answers?.Count);
        return new DataTask(task.Find("name")?.Text ?? fallback, new AnswerWords(answer, answers is null ? null : Distinct(answers, "answers")), answer, templates)
        {
            About = task.Find("about")?.Text,
            Description = task.Find("description")?.Text,
        };
    }

    private static List<TaskTemplate> Templates(TaskSection task, string file, int? answers)
    {
        var templates = new List<TaskTemplate>();
        foreach (var section in task.Sections("templates", MostTemplates, TemplateKeys))
        {
            var name = section.Text("name");
            if (!Name().IsMatch(name.Text))
                throw section.Wrong(name, "name", "the name of a template has up to 100 letters, digits, spaces, points, hyphens and underscores, and begins with a letter or digit.");
            if (templates.Any(other => other.Name == name.Text))
                throw section.Wrong(name, "name", $"another template is named {name.Text}. Name each differently.");
            templates.Add(Template(section, name.Text, $"{file}:{section.Line}", answers));
        }
        return templates;
    }

    private static TaskTemplate Template(TaskSection section, string name, string place, int? answers)
    {
        var prompt = new LiquidText(section.Text("prompt"), section.Key("prompt"));
        var (written, field) = (section.Texts("choices", 2, MostChoices), section.Find("choices_field"));
        if (written is null == field is null)
            throw section.Wrong(section.Node, "choices", $"a template has either choices, a list of texts, or choices_field, a field that holds such a list; this one has {(written is null ? "neither" : "both")}.");
        if (written is not null && answers is { } count && written.Count != count)
            throw section.Wrong(section.Node, "choices", $"{written.Count} choices, but answers has {count}. Give each answer its choice.");
        if (written is not null)
            Distinct(written, section.Key("choices"));
        return new TaskTemplate(name, place, prompt, [.. (written ?? []).Select((choice, number) => new LiquidText(choice, $"{section.Key("choices")}[{number}]"))], field?.Text);
    }

    private static List<string> Distinct(IReadOnlyList<ScalarNode> texts, string key)
    {
        foreach (var (number, text) in texts.Index())
        {
            if (texts.Take(number).Any(other => other.Text.Trim() == text.Text.Trim()))
                throw text.Place.Error(key, $"\"{Formats.OneLine.Piece(text.Text)}\" stands twice. Remove one.");
        }
        return [.. texts.Select(text => text.Text.Trim())];
    }

    [GeneratedRegex(TemplateNames.Name, RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
