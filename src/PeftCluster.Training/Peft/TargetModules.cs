using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Which linear layers get an adapter: those whose path equals a name or ends with "." + name, as in PEFT; the word
/// <c>all-linear</c> takes all but the head.
/// </summary>
internal static class TargetModules
{
    public const string AllLinear = "all-linear";

    /// <summary>The layers, in the order of the model's modules.</summary>
    /// <exception cref="BadInputException">A name that no layer has; the message lists those that exist.</exception>
    public static IReadOnlyList<LinearShape> Of(ModelConfig model, IReadOnlyList<string> names)
    {
        LinearShape[] candidates = [.. model.Linears.Where(linear => linear.Path != model.HeadPath)];
        if (names is [AllLinear])
            return candidates;
        foreach (var name in names)
        {
            if (name == model.HeadPath)
                throw new BadInputException($"method.target_modules: \"{name}\" is the output head, which takes no adapter. {Existing(model, candidates)}");
            if (!candidates.Any(linear => Matches(linear, name)))
                throw new BadInputException($"method.target_modules: no module of this model is named \"{name}\". {Existing(model, candidates)}");
        }
        return [.. candidates.Where(linear => names.Any(name => Matches(linear, name)))];
    }

    /// <summary>The last part of a layer's path, for example q_proj.</summary>
    public static string Name(LinearShape linear) => Name(linear.Path);

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>The names for people, of a spec that may have left them to the family.</summary>
    public static string InWords(IReadOnlyList<string>? names) => names is null ? "the family's default modules" : string.Join(", ", names);

    /// <summary>The names as PEFT writes them: those that the user gave; for defaults and all-linear, those of the modules found.</summary>
    public static IEnumerable<string> Written(IReadOnlyList<string>? given, IEnumerable<string> found) =>
        given is not null && !given.Contains(AllLinear) ? given : found.Select(Name).Distinct();

    private static bool Matches(LinearShape linear, string name) =>
        linear.Path == name || linear.Path.EndsWith("." + name, StringComparison.Ordinal);

    private static string Existing(ModelConfig model, LinearShape[] candidates) => string.Create(CultureInfo.InvariantCulture,
        $"It has: {string.Join(", ", candidates.Select(Name).Distinct())} ({model.Layers} layers).");
}
