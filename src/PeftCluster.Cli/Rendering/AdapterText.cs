using PeftCluster.Training.Inspection;

namespace PeftCluster.Cli.Rendering;

/// <summary>An adapter for people: what it is, where it comes from, its tensors layer by layer put together, and what is wrong with it.</summary>
internal static class AdapterText
{
    public static void Write(TextWriter output, AdapterFacts facts, bool all)
    {
        output.WriteLine($"adapter   {facts.About}");
        output.WriteLine($"base      {facts.BaseModel ?? "not named"}{(facts.Task is { } task ? $"   {task}" : "")}");
        output.WriteLine($"made by   {facts.MadeBy ?? "not known"}");
        output.WriteLine($"trained   {Figures.Count(facts.Trained)} numbers in {Figures.Count(facts.Tensors.Count)} tensors");
        output.WriteLine($"file      {facts.File.Name}   {Figures.Bytes(facts.File.Bytes)}   {string.Join(", ", facts.File.Types)}   sha256 {facts.File.Sha256[..12]}…");
        output.WriteLine();
        Columns.Write(output, [["tensor", "layers", "shape", "norm", "largest"], .. LayerGroups.Of(facts.Tensors, tensor => tensor.Name, tensor => $"{tensor.Type} {LayerGroups.Shape(tensor.Shape)}", all).Select(group => (string[])
            [group.Name, group.Layers, LayerGroups.Shape(group.Items[0].Shape), LayerGroups.Range(group, tensor => tensor.Norm), LayerGroups.Range(group, tensor => tensor.Largest)])], 2, 3, 4);
        if (facts.Changes.Count > 0)
        {
            output.WriteLine();
            Columns.Write(output, [["change s·B·A", "layers", "rank", "scale", "norm", "largest"], .. LayerGroups.Of(facts.Changes, change => change.Module, change => $"{change.Rank} {change.Scale}", all).Select(group => (string[])
                [group.Name, group.Layers, Figures.Count(group.Items[0].Rank), Figures.Short(group.Items[0].Scale), LayerGroups.Range(group, change => change.Norm), LayerGroups.Range(group, change => change.Largest)])], 2, 3, 4, 5);
        }
        foreach (var warning in facts.Warnings)
            output.WriteLine($"\nwarning   {warning}");
    }
}
