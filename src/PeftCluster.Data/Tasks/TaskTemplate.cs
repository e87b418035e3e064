using Fluid.Values;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tasks.Liquid;

namespace PeftCluster.Data.Tasks;

/// <summary>A task's way to ask: a prompt and its answer choices, both in Liquid over the fields of a row.</summary>
public sealed class TaskTemplate
{
    private readonly LiquidText _prompt;
    private readonly IReadOnlyList<LiquidText> _choices;

    /// <param name="name">Its name within the task.</param>
    /// <param name="place">File and line, for messages.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="choices">The choices; none: they stand in a field.</param>
    /// <param name="choicesField">The field that holds them, or null.</param>
    internal TaskTemplate(string name, string place, LiquidText prompt, IReadOnlyList<LiquidText> choices, string? choicesField)
    {
        (Name, Place, _prompt, _choices, ChoicesField) = (name, place, prompt, choices, choicesField);
        Fields = [.. choices.Append(prompt).SelectMany(text => text.Fields).Concat(choicesField is null ? [] : [choicesField]).Distinct().Order(StringComparer.Ordinal)];
    }

    public string Name { get; }

    /// <summary>The prompt as the task's file has it.</summary>
    public string Prompt => _prompt.Source;

    /// <summary>The choices as the task's file has them; empty where they stand in <see cref="ChoicesField"/>.</summary>
    public IReadOnlyList<string> Choices => [.. _choices.Select(choice => choice.Source)];

    /// <summary>The field whose list of texts is the choices; null: they are <see cref="Choices"/>.</summary>
    public string? ChoicesField { get; }

    /// <summary>The fields that a row has to have.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Where it stands: file and line.</summary>
    internal string Place { get; }

    /// <summary>The template in messages.</summary>
    internal string Named => $"template {Name} ({Place})";

    /// <summary>The prompt of a row as it is, and its choices without white space around them.</summary>
    /// <exception cref="RowRefused">The template cannot be filled in for the row.</exception>
    internal (string Prompt, IReadOnlyList<string> Choices) Render(TaskRow row)
    {
        try
        {
            var choices = ChoicesField is null ? _choices.Select(choice => choice.Render(row.Values)) : Listed(row.Values[ChoicesField]);
            return (_prompt.Render(row.Values), [.. choices.Select(choice => choice.Trim())]);
        }
        catch (LiquidRefused refused)
        {
            throw new RowRefused($"{Named}: {refused.Message}. Fix the template or the row.", refused);
        }
    }

    private IEnumerable<string> Listed(FluidValue value) => value is ArrayValue list && list.Values.All(item => item is StringValue or NumberValue)
        ? list.Values.Select(item => item.ToStringValue())
        : throw new LiquidRefused($"its choices_field, \"{OneLine.Piece(ChoicesField!)}\", is no list of texts");
}
