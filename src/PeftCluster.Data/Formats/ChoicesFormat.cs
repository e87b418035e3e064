using Fluid.Values;
using PeftCluster.Data.Tasks;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Data.Formats;

/// <summary>The fields that a task names: what its templates ask of a row, and the right answer. Texts are made of them where rows become tokens.</summary>
internal sealed record ChoicesFormat(DataTask Task) : IExampleFormat
{
    public string Name => "choices";

    public IReadOnlyList<string> RequiredFields => Task.Fields;

    public IReadOnlyList<string> Fields => Task.Fields;

    public string Expects => string.Join(", ", Task.Fields);

    public string CompletionField => Task.Answer;

    public Example Parse(ExampleRow row)
    {
        var values = new Dictionary<string, FluidValue>(StringComparer.Ordinal);
        foreach (var template in Task.Templates)
        {
            foreach (var field in template.Fields)
                values[field] = row.TryFind(field, out var value) ? TaskRow.ValueOf(value) : throw Missing(row, template, field);
        }
        var answer = row.Find(Task.Answer);
        var right = Task.AnswerWords.Of(answer);
        return new Example(row.Line, "", answer.ToString()) { Task = new TaskRow(values, right) };
    }

    private static RowRefused Missing(ExampleRow row, TaskTemplate template, string field)
    {
        string[] found = [.. row.Element.EnumerateObject().Select(property => property.Name)];
        var shown = found.Length == 0 ? "nothing" : string.Join(", ", found.Take(8).Select(OneLine.Piece)) + (found.Length > 8 ? ", …" : "");
        return ExampleRow.Bad($"{template.Named} names the field \"{field}\", and the row has none. It has {shown}.{Nearest.Hint(field, found)} Fix the template or the row, or set data.columns.");
    }
}
