using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// (IA)³ (Liu et al., arXiv 2205.05638): learnt vectors l rescale what flows, y = (Wx + b)∘l, or y = W(x∘l) + b
/// for <see cref="FeedforwardModules"/>. A hundredth of LoRA's parameters, at a higher learning rate.
/// </summary>
public sealed record Ia3Spec : MethodSpec, ISavesModules, IStartsFromAdapter
{
    public override string Type => "ia3";

    // T-Few's rate. PEFT's own benchmark: 1e-4 is too low by far, 1e-3 better, 5e-3 best.
    public override double DefaultLearningRate => 3e-3;

    /// <summary>
    /// Names of the linear layers that get a vector (a name matches a module path that is equal to it or ends with
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), one regular expression that matches whole paths,
    /// or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>
    /// Those of the target modules whose vector rescales the input instead of the output (a name matches the end of a path), or null: the family's default.
    /// </summary>
    [Items(0, 1024), Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? FeedforwardModules { get; init; }

    /// <summary>Start from ones, so that the adapted model is the base; otherwise from a normal distribution, which is for experiments only.</summary>
    public bool InitIa3Weights { get; init; } = true;

    /// <summary>Names of modules, or one regular expression that matches whole paths, that get no vector though they are targets.</summary>
    [Items(1, 1024), OrPattern, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ExcludeModules { get; init; }

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    /// <summary>A folder with an IA3 adapter in the Hugging Face PEFT layout that training starts from, with the same vectors; null: ones, or what init_ia3_weights says.</summary>
    [LocalPath, AddedLater]
    public string? InitialAdapter { get; init; }

    public override (string Key, string What)? Contradiction =>
        TargetModules is { } targets && targets is not ["all-linear"] && !ModuleNames.IsPattern(targets) && FeedforwardModules?.FirstOrDefault(name => !targets.Contains(name)) is { } stranger
            ? ("feedforward_modules", $"{stranger} is none of target_modules, {string.Join(", ", targets)}. Name it there too, or remove it here.")
            : null;
}
