using System.Security.Cryptography;
using System.Text.Json;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Data.Tasks;

/// <summary>
/// A task with answer choices: what the fields of a data row mean, and the templates that make prompts and choices of them. It comes from a file (docs/tasks.md).
/// Under each template a data row is a prepared row; the templates' order here is theirs.
/// </summary>
public sealed class DataTask
{
    internal DataTask(string name, AnswerWords answers, string answerField, IReadOnlyList<TaskTemplate> templates)
    {
        (Name, Answer, AnswerWords, Templates) = (name, answerField, answers, templates);
        Fields = [.. templates.SelectMany(template => template.Fields).Append(answerField).Distinct().Order(StringComparer.Ordinal)];
    }

    public string Name { get; }

    /// <summary>What the task is, for people; null: the file does not say.</summary>
    public string? About { get; internal init; }

    /// <summary>What is to be done, to stand before the examples of a prompt; null: the file does not say.</summary>
    public string? Description { get; internal init; }

    /// <summary>The field that holds the right answer.</summary>
    public string Answer { get; }

    /// <summary>What it may say, in the order of the choices; null: their numbers, from 0.</summary>
    public IReadOnlyList<string>? Answers => AnswerWords.Words;

    /// <summary>The templates that are used (data.templates), in the order of an example's rows.</summary>
    public IReadOnlyList<TaskTemplate> Templates { get; private init; }

    /// <summary>All fields that the file's templates and answer name, whether their templates are used or not: a row's content.</summary>
    public IReadOnlyList<string> Fields { get; private init; }

    internal AnswerWords AnswerWords { get; }

    /// <summary>SHA-256 of what decides rows: the answers, and the templates that are used. Names do not count.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new
    {
        Answer,
        Answers,
        Fields,
        Templates = Templates.Select(template => new { template.Prompt, template.Choices, template.ChoicesField }),
    })));

    /// <summary>The job's task; null where its rows have no choices.</summary>
    /// <exception cref="BadInputException">There is no such task, its file is damaged, or it has no such template.</exception>
    public static DataTask? Of(DataSpec data)
    {
        if (data.Format != DataFormat.Choices)
            return null;
        var name = data.Task ?? throw new BadInputException("data.task: format choices needs a task.");
        var task = name.EndsWith(".yaml", StringComparison.Ordinal) ? TaskFile.Load(name) : BuiltInTasks.Of(name);
        return data.Templates is { } chosen ? task.With(chosen) : task;
    }

    private DataTask With(ValueList<string> chosen)
    {
        var templates = chosen.Select(name => Templates.FirstOrDefault(template => template.Name == name) ?? throw new BadInputException(
            $"data.templates: task {Name} has no template {name}.{Nearest.Hint(name, Templates.Select(template => template.Name))} It has {string.Join(", ", Templates.Select(template => template.Name))}."));
        return new DataTask(Name, AnswerWords, Answer, [.. templates]) { About = About, Description = Description, Fields = Fields };
    }
}
