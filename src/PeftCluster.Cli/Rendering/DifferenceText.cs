using System.Text.Json;
using PeftCluster.Training.Inspection;

namespace PeftCluster.Cli.Rendering;

/// <summary>The difference of two adapters for people: what differs, layer by layer put together, and last whether they are the same.</summary>
internal static class DifferenceText
{
    private const int LongestValue = 60;

    public static void Write(TextWriter output, AdapterDifference difference, bool all)
    {
        output.WriteLine($"A         {difference.First}");
        output.WriteLine($"B         {difference.Second}");
        if (difference.Config.Count > 0)
        {
            output.WriteLine();
            Columns.Write(output, [["configuration", "A", "B"], .. difference.Config.Select(field => (string[])[field.Key, Value(field.First), Value(field.Second)])]);
        }
        Only(output, "only in A", difference.OnlyInFirst, all);
        Only(output, "only in B", difference.OnlyInSecond, all);
        if (difference.OtherShapes.Count > 0)
        {
            output.WriteLine();
            Columns.Write(output, [["other shapes", "layers", "A", "B"], .. LayerGroups.Of(difference.OtherShapes, one => one.Name, one => $"{LayerGroups.Shape(one.First)} {LayerGroups.Shape(one.Second)}", all).Select(group => (string[])
                [group.Name, group.Layers, LayerGroups.Shape(group.Items[0].First), LayerGroups.Shape(group.Items[0].Second)])], 2, 3);
        }
        Compared(output, "tensor", difference.Tensors, all);
        Compared(output, "change s·B·A", difference.Changes, all);
        output.WriteLine();
        output.WriteLine(Verdict(difference));
    }

    private static void Only(TextWriter output, string title, IReadOnlyList<string> names, bool all)
    {
        if (names.Count == 0)
            return;
        output.WriteLine();
        Columns.Write(output, [[title, "layers"], .. LayerGroups.Of(names, name => name, _ => "", all).Select(group => (string[])[group.Name, group.Layers])]);
    }

    private static void Compared(TextWriter output, string title, IReadOnlyList<TensorDifference> tensors, bool all)
    {
        TensorDifference[] shown = [.. tensors.Where(tensor => all || tensor.Largest != 0)];
        if (shown.Length == 0)
            return;
        output.WriteLine();
        Columns.Write(output, [[title, "layers", "shape", "largest", "relative", "cosine"], .. LayerGroups.Of(shown, tensor => tensor.Name, tensor => LayerGroups.Shape(tensor.Shape), all).Select(group => (string[])
            [group.Name, group.Layers, LayerGroups.Shape(group.Items[0].Shape), LayerGroups.Range(group, tensor => tensor.Largest), LayerGroups.Range(group, tensor => tensor.Relative), LayerGroups.Range(group, tensor => tensor.Cosine)])], 2, 3, 4, 5);
    }

    private static string Verdict(AdapterDifference difference)
    {
        var tensors = difference.Tensors.Count;
        if (difference.Same)
            return $"same      the configuration and {Figures.Count(tensors)} tensors, {(difference.SameBits ? "bit for bit" : "number for number; the files hold them in other formats")}";
        var (fields, unlike) = (difference.Config.Count, difference.Tensors.Count(tensor => tensor.Largest != 0));
        var unpaired = difference.OnlyInFirst.Count + difference.OnlyInSecond.Count + difference.OtherShapes.Count;
        return $"differ    {Figures.Count(fields)} {(fields == 1 ? "field" : "fields")}; {(difference.SameBits ? $"all {Figures.Count(tensors)} tensors are the same bit for bit" : $"{Figures.Count(unlike)} of {Figures.Count(tensors)} common tensors")}{(unpaired > 0 ? $"; {Figures.Count(unpaired)} tensors have no partner of their shape" : "")}";
    }

    private static string Value(JsonElement? value)
    {
        var text = value?.GetRawText().ReplaceLineEndings(" ") ?? "–";
        return text.Length > LongestValue ? $"{text[..LongestValue]}…" : text;
    }
}
