using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Which linear layers get an adapter, chosen as in PEFT: those whose path equals a name or ends with "." + name, those whose whole path a
/// regular expression matches, or with the word <c>all-linear</c> all but the head; then without what is excluded and, where layers are
/// numbered, only in those.
/// </summary>
/// <param name="Names">Names, one expression, or the word.</param>
/// <param name="Excluded">Names or one expression, or null.</param>
/// <param name="Layers">Numbers of layers, or null: all.</param>
/// <param name="Pattern">Names of the part of a path that stands before its layer's number, or null: any.</param>
public sealed record TargetModules(
    IReadOnlyList<string> Names, IReadOnlyList<string>? Excluded = null, IReadOnlyList<int>? Layers = null, IReadOnlyList<string>? Pattern = null)
{
    public const string AllLinear = "all-linear";

    /// <summary>Whether the method can adapt the embedding and the output head too.</summary>
    public bool BothEnds { get; init; }

    /// <summary>Whether the embedding is chosen; the word for all linear layers does not mean it.</summary>
    public bool HasEmbedding(ModelConfig model) => HasEnd(model.EmbeddingPath);

    /// <summary>The layers, in the order of the model's modules; the head, where it is chosen, is the last.</summary>
    /// <exception cref="BadInputException">A name that no layer has, with those that exist; or nothing is left.</exception>
    public IReadOnlyList<LinearShape> In(ModelConfig model)
    {
        LinearShape[] candidates = [.. model.Linears.Where(linear => linear.Path != model.HeadPath)];
        try
        {
            RefuseStrangers(model, candidates);
            LinearShape[] targets = [.. candidates.Where(linear => IsNamed(linear.Path) && !IsExcluded(linear.Path) && IsInLayers(linear.Path))];
            if (HasHead(model))
                targets = [.. targets, model.HeadShape];
            return targets.Length > 0 || HasEmbedding(model) ? targets : throw new BadInputException($"method.target_modules: no module is left of {InWords(Names)}. {Existing(model, candidates)}");
        }
        catch (RegexMatchTimeoutException)
        {
            throw new BadInputException("method.target_modules: the regular expression takes more than a second for one module. Write it without nested repetition.");
        }
    }

    /// <summary>The last part of a layer's path, for example q_proj.</summary>
    public static string Name(LinearShape linear) => Name(linear.Path);

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>The names for people, of a spec that may have left them to the family.</summary>
    public static string InWords(IReadOnlyList<string>? names) => names is null ? "the family's default modules" : string.Join(", ", names);

    /// <summary>The names as PEFT writes them: those that the user gave; for defaults and all-linear, those of the modules found.</summary>
    public static JsonNode Written(IReadOnlyList<string>? given, IEnumerable<string> found) =>
        Written(given is not null && !given.Contains(AllLinear) ? given : [.. found.Select(Name).Distinct()])!;

    /// <summary>A list of names in the order of the alphabet, or an expression as a text; null where there is none.</summary>
    public static JsonNode? Written(IReadOnlyList<string>? names) =>
        names is null ? null : ModuleNames.IsPattern(names) ? JsonValue.Create(names[0]) : PythonJson.Names(names);

    /// <summary>What a pattern map says of a path: the value of the first expression that matches its end.</summary>
    public static T Of<T>(ValueMap<T>? patterns, string path, T otherwise)
    {
        foreach (var (expression, value) in patterns ?? [])
        {
            if (ModuleNames.Compile(expression, (@"^(?:.*\.)?", "$")).IsMatch(path))
                return value;
        }
        return otherwise;
    }

    private bool HasHead(ModelConfig model) => TakesHead(model) && HasEnd(model.HeadPath);

    // A classifier's head is trained whole.
    private bool TakesHead(ModelConfig model) => BothEnds && model.Task != PeftTask.Classification;

    private bool HasEnd(string path) => BothEnds && Layers is null && Names is not [AllLinear] && Matches(path, Names) && !IsExcluded(path);

    private bool IsNamed(string path) => Names is [AllLinear] || Matches(path, Names);

    private bool IsExcluded(string path) => Excluded is not null && Matches(path, Excluded);

    private bool IsInLayers(string path) => Layers is null || (LayerOf(path) is { } layer && Layers.Contains(layer));

    private static bool Matches(string path, IReadOnlyList<string> names) => ModuleNames.IsPattern(names)
        ? ModuleNames.Compile(names[0], ("^", @"\z")).IsMatch(path)
        : names.Any(name => path == name || path.EndsWith("." + name, StringComparison.Ordinal));

    // The number behind the first of the names that the path has; without names, the first part of the path that is a number.
    private int? LayerOf(string path) => Pattern is null
        ? path.Split('.').Where(part => part.All(char.IsAsciiDigit)).Select(Number).FirstOrDefault()
        : Pattern.Select(name => ModuleNames.Compile(Regex.Escape(name), (@"^.*?\.", @"\.([0-9]+)\.")).Match(path)).Where(found => found.Success).Select(found => Number(found.Groups[1].Value)).FirstOrDefault();

    private static int? Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private void RefuseStrangers(ModelConfig model, LinearShape[] candidates)
    {
        if (Pattern is not null && !candidates.Any(linear => LayerOf(linear.Path) is not null))
            throw new BadInputException($"method.layers_pattern: no path of this model has {string.Join(" or ", Pattern)} inside, before a number. One of its paths: {candidates[0].Path}.");
        if (Layers?.FirstOrDefault(layer => !candidates.Any(linear => LayerOf(linear.Path) == layer), -1) is { } missing and >= 0)
            throw new BadInputException($"method.layers_to_transform: this model has no layer {missing}. {Existing(model, candidates)}");
        if (Names is [AllLinear])
            return;
        if (ModuleNames.IsPattern(Names) && !HasHead(model) && model.Weights.ContainsKey($"{model.HeadPath}.weight") && IsNamed(model.HeadPath) && !IsExcluded(model.HeadPath))
            throw new BadInputException($"method.target_modules: the regular expression matches the output head, {model.HeadPath}, which takes no adapter. Exclude it. {Existing(model, candidates)}");
        foreach (var name in Names.Where(name => !ModuleNames.IsPattern(Names) && !(BothEnds && Matches(model.EmbeddingPath, [name]))))
        {
            if (TakesHead(model) && Matches(model.HeadPath, [name]))
                continue;
            if (name == model.HeadPath)
                throw new BadInputException($"method.target_modules: \"{name}\" is the output head, which takes no adapter. {Existing(model, candidates)}");
            if (!candidates.Any(linear => Matches(linear.Path, [name])) && !model.AbsentModules.Contains(name))
                throw new BadInputException($"method.target_modules: no module of this model is named \"{name}\". {Existing(model, candidates)}");
        }
    }

    private static string Existing(ModelConfig model, LinearShape[] candidates) => string.Create(CultureInfo.InvariantCulture,
        $"It has: {string.Join(", ", candidates.Select(Name).Distinct())} ({model.Layers} layers).");
}
