using System.Globalization;
using System.Text;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Combining;

/// <summary>One of the adapters that were combined.</summary>
internal sealed record CombinedPart(string Folder, double Weight, string Sha256);

/// <summary>The model card of a combined adapter: what a trained one's says, with what it was made of in the place of how it was trained.</summary>
internal static class CombinedCard
{
    public static string Text(string title, AdapterFolder first, MethodSpec method, CombinationSpec spec, IReadOnlyList<CombinedPart> parts)
    {
        var (card, task, model) = (new StringBuilder(), first.Task ?? PeftTask.CausalLanguageModel, first.BaseModel ?? "");
        ModelCard.AppendFront(card, model, method, task, title);
        card.Append(CultureInfo.InvariantCulture, $"""
            {PeftMethods.Of(method).Describe(method)}, combined with PeftCluster from {parts.Count} adapters of the base model `{model}`.

            ## Combination

            `{spec.Type.Name}`, as `add_weighted_adapter` of Hugging Face PEFT{Options(spec)}.

            | adapter | weight | sha256 |
            |---|---:|---|

            """);
        foreach (var part in parts)
            card.Append(CultureInfo.InvariantCulture, $"| {Path.GetFileName(Path.TrimEndingDirectorySeparator(part.Folder))} | {part.Weight} | {part.Sha256} |\n");
        card.Append('\n');
        ModelCard.AppendUse(card, model, method, task);
        return card.ToString();
    }

    private static string Options(CombinationSpec spec) => string.Concat(
        spec.Density is { } density ? string.Create(CultureInfo.InvariantCulture, $"; density {density}") : "",
        spec.Clamp is { } clamp ? string.Create(CultureInfo.InvariantCulture, $"; clamp {clamp}") : "",
        spec.Type.ElectsSign ? $"; majority by {(spec.ByFrequency == true ? "frequency" : "total")}" : "",
        spec.Type.Pruning == Pruning.Random ? string.Create(CultureInfo.InvariantCulture, $"; masks of seed {spec.Seed ?? 0}") : "");
}
