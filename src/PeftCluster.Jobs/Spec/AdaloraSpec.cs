using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>What an AdaLoRA's file says of the ranks that its training left. Unusual: no key of job.yaml, it passes between an adapter's files and the model.</summary>
public abstract record PrunedSpec : MethodSpec
{
    /// <summary>
    /// The ranks that are kept, by module: its path, and for each of the first ranks 1 (kept) or 0. Null: all are. An adapter that has it is used, and its ranks are not allocated again.
    /// </summary>
    public ValueMap<ValueList<int>>? KeptRanks { get; init; }
}

/// <summary>
/// AdaLoRA (Zhang et al., arXiv 2303.10512): Δ = B·diag(E)·A·α ÷ r, A and B kept nearly orthogonal by a term of the loss. All layers begin with rank init_r; from step tinit on the least important ranks of all
/// layers together are pruned, until target_r a layer are left on average, tfinal steps before the end.
/// </summary>
public sealed record AdaloraSpec : PrunedSpec, ISavesModules, IChoosesLayers
{
    public override string Type => "adalora";

    // PEFT's examples'. E begins at zero between an A and a B that are small, so that LoRA's rate would hardly move it.
    public override double DefaultLearningRate => 1e-3;

    /// <summary>The rank that every layer begins with.</summary>
    [In("[1, 4096]")]
    public int InitR { get; init; } = 12;

    /// <summary>The rank that is left at the end, on average over the layers.</summary>
    [In("[1, 4096]")]
    public int TargetR { get; init; } = 8;

    /// <summary>The numerator α of the scale α ÷ init_r, which stays when ranks are pruned.</summary>
    [In("(0, 65536]")]
    public double LoraAlpha { get; init; } = 8;

    /// <summary>The share of the adapted layers' inputs that is dropped while training.</summary>
    [In("[0, 1)")]
    public double LoraDropout { get; init; }

    /// <summary>Steps before the first pruning.</summary>
    [In("[0, 10000000]")]
    public int Tinit { get; init; }

    /// <summary>Steps after the last pruning, in which the ranks that are left train on.</summary>
    [In("[0, 10000000]")]
    public int Tfinal { get; init; }

    /// <summary>Every so many-th step prunes (PEFT: deltaT).</summary>
    [In("[1, 10000000]")]
    public int DeltaT { get; init; } = 1;

    /// <summary>What is kept of a weight's importance |p·g| from step to step.</summary>
    [In("(0, 1)")]
    public double Beta1 { get; init; } = 0.85;

    /// <summary>What is kept of how uncertain that is.</summary>
    [In("(0, 1)")]
    public double Beta2 { get; init; } = 0.85;

    /// <summary>The weight of the loss's term that keeps A and B orthogonal.</summary>
    [In("(0, 1000]")]
    public double OrthRegWeight { get; init; } = 0.5;

    /// <summary>The step at which the schedule of ranks ends, or null: the job's last.</summary>
    [In("[1, 1000000000]")]
    public int? TotalStep { get; init; }

    /// <summary>
    /// Names of the linear layers that get an adapter (a name matches a module path that is equal to it or ends with
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), one regular expression that matches whole paths,
    /// or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>Names of modules, or one regular expression that matches whole paths, that get no adapter though they are targets.</summary>
    [Items(1, 1024), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? ExcludeModules { get; init; }

    /// <summary>Only modules in layers of these numbers are targets; null: in all layers.</summary>
    [Items(1, 1024), In("[0, 9999]")]
    public ValueList<int>? LayersToTransform { get; init; }

    /// <summary>With <see cref="LayersToTransform"/>: the part of a path that stands before the layer's number, for example layers, h or block; of several names the first that a path has. Null: the first number of a path is its layer's.</summary>
    [Items(1, 16), OrOneName, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? LayersPattern { get; init; }

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; their weights are not pruned. Null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    public override MethodSpec For(Func<int> totalSteps)
    {
        var scheduled = this with { TotalStep = TotalStep ?? totalSteps() };
        return scheduled.Contradiction is { } contradiction ? throw new BadInputException($"method.{contradiction.Key}: {contradiction.What}") : scheduled;
    }

    public override (string Key, string What)? Contradiction =>
        TargetR > InitR ? ("target_r", $"{TargetR} is above init_r, {InitR}: ranks are only pruned. Lower it, or raise init_r.")
        : TotalStep is { } total && (long)Tinit + Tfinal >= total ? (Tfinal > 0 ? "tfinal" : "tinit", $"tinit and tfinal leave no step to prune in of {total}. Lower them, or train for more steps.")
        : IChoosesLayers.ContradictionOf(this);
}
