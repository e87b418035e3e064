using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft.TrainableTokens;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685) of a model: for each target W (as [out, in]) a pair A [r, in], B [out, r], with DoRA a
/// length m [out] too, with lora_bias a bias b [out] beside B. The vector holds them target after target; the head, where it is one, is the last.
/// </summary>
public sealed class LoraPlan : AdapterPlan
{
    private readonly IReadOnlyList<LoraTarget> _targets;
    private readonly LoraTarget? _head;
    private readonly LoraEmbedding? _embedding;
    private readonly TokenRows? _tokens;
    private readonly string? _notMerged;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public LoraPlan(LoraSpec spec, ModelConfig model)
    {
        var chosen = new TargetModules(spec.TargetModules ?? DefaultTargets.Lora(model), spec.ExcludeModules, spec.LayersToTransform, spec.LayersPattern) { BothEnds = true };
        var layers = chosen.In(model);
        Spec = spec with { FanInFanOut = layers.Any(layer => layer.Transposed) };
        _targets = [.. layers.Select(layer => LoraTarget.Of(layer, spec))];
        _head = _targets.LastOrDefault(target => target.Layer.Path == model.HeadPath);
        if (_head is not null && (spec.UseDora || spec.StartsFromBase))
            throw new BadInputException($"method.target_modules: the output head, {model.HeadPath}, takes plain LoRA only. Leave it out, or use_dora and init_lora_weights.");
        _embedding = LoraEmbedding.Of(spec, chosen, model);
        _tokens = Tokens(spec, model);
        _notMerged = Unmergeable(model);
        Layout = VectorLayout.Of([.. _targets.SelectMany(target => target.Tensors()), .. _embedding?.Tensors ?? [], .. _tokens is null ? [] : new[] { _tokens.Tensor }]);
        BaseStart.Check(spec, _targets);
        WholeWeights = LoraWholeWeights.Of(spec, model, _targets);
        Frozen = VectorLayout.Of(spec.StartsFromBase ? _targets.SelectMany(target => target.Starts()) : []);
    }

    public LoraSpec Spec { get; }

    public override MethodSpec Method => Spec;

    /// <summary>The distinct last parts of the targets' paths, in the order of the modules: what PEFT's configuration calls target_modules.</summary>
    public IReadOnlyList<string> Targets =>
        [.. _embedding is null ? [] : new[] { TargetModules.Name(_embedding.Path) }, .. _targets.Select(target => TargetModules.Name(target.Layer)).Distinct()];

    public override VectorLayout Layout { get; }

    public override IReadOnlyList<WholeWeight> WholeWeights { get; }

    public override bool CanMerge => _notMerged is null;

    /// <summary>What A and B began as, where that is a part of the base's weights.</summary>
    public override VectorLayout Frozen { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"{LoraMethod.Name(Spec)} r {Spec.R} on {string.Join(", ", Targets)}");

    public override double Dropout => Spec.LoraDropout;

    // The input, or where it is dropped out the mask and the product with it; and what is between A and B. DoRA multiplies outputs besides.
    internal override KeptNumbers KeptAround(LinearShape layer) => _targets.FirstOrDefault(target => target.Layer.Path == layer.Path) is { } target
        ? new KeptNumbers(layer.In * (Dropout > 0 ? 2 : 1) + target.Rank + (target.HasMagnitude ? 4 * layer.Out : 0))
        : default;

    /// <summary>The s of each target, in the order of the modules.</summary>
    public IReadOnlyList<double> Scales => [.. _targets.Select(target => target.Scale)];

    /// <summary>The adapted model starts as the base: see <see cref="LoraStart"/> and <see cref="BaseStart"/>.</summary>
    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        var stream = 0UL;
        foreach (var target in _targets)
        {
            if (Spec.StartsFromBase)
                StartFromBase(target, Layout.Of(vector, target.KeyOfA), Layout.Of(vector, target.KeyOfB), weights);
            else
                LoraStart.Fill(Layout.Of(vector, target.KeyOfA), Spec.InitLoraWeights, target, new PhiloxStream(seed, PhiloxPurpose.InitialValues, stream));
            if (target.HasMagnitude)
                LoraStart.Lengths(Layout.Of(vector, target.KeyOfMagnitude), target.Layer.AsUsed(weights(target.Weight)));
            // Two slices a target, as long as there has been LoRA: another count would be another start for the same seed.
            stream += 2;
        }
        _embedding?.Fill(Layout, vector, new PhiloxStream(seed, PhiloxPurpose.InitialValues, stream + 1));
        _tokens?.Fill(Layout, vector, weights);
    }

    public override void FillFrozen(Span<float> frozen, WeightLookup weights)
    {
        foreach (var target in _targets.Where(_ => Spec.StartsFromBase))
            StartFromBase(target, Frozen.Of(frozen, target.KeyOfStartA), Frozen.Of(frozen, target.KeyOfStartB), weights);
    }

    public override ExportedAdapter Exported(ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen) =>
        Spec.StartsFromBase ? LoraConversion.Of(Spec, _targets, (Layout, adapter), (Frozen, frozen)) : base.Exported(adapter, frozen);

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var sites = _targets.Select((target, site) => (target.Layer.Path, (Target: target, Site: site))).ToDictionary(StringComparer.Ordinal);
        return new Attachments
        {
            Linear = (shape, plain) => sites.TryGetValue(shape.Path, out var found) ? Around(plain, found.Target, vector, dropout, found.Site) : plain,
            Head = _head is { } head
                ? plain => plain with { Change = new LoraHead(vector[head.KeyOfA], vector[head.KeyOfB], BiasOf(head, vector), head.Scale, dropout, sites[head.Layer.Path].Site) }
                : _tokens?.Head(vector),
            Embedding = _embedding is { } embedding ? (ids, x, _) => embedding.Apply(ids, x, vector) : _tokens?.Change(vector),
        };
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        if (!CanMerge)
            throw new BadInputException($"the adapter cannot be merged: {_notMerged}");
        var (vector, frozen) = (adapter.ToArray(), MakeFrozen(weights));
        var merged = _targets.ToDictionary(target => target.Weight, target => (Func<Tensor>)(() => Merged(target, weights, vector, frozen)), StringComparer.Ordinal);
        foreach (var target in _targets.Where(target => target.Bias is not null))
            merged[$"{target.Layer.Path}.bias"] = () => Copy(Layout[target.KeyOfBias], vector).Times_(target.Scale).Plus_(weights($"{target.Layer.Path}.bias"));
        if (_embedding is { } embedding)
            merged[embedding.Weight] = () => embedding.Merged(weights(embedding.Weight), Copy(Layout[embedding.KeyOfA], vector), Copy(Layout[embedding.KeyOfB], vector));
        if (_tokens is { } tokens)
            merged[tokens.Weight] = () => tokens.Merged(weights(tokens.Weight), Copy(Layout[tokens.Key], vector));
        return new MergedWeights(weights, merged);
    }

    // Folded into a weight that head and embedding share, a change of one would change the other too.
    private string? Unmergeable(ModelConfig model) =>
        (_embedding is not null || _head is not null) && !model.Weights.ContainsKey($"{model.HeadPath}.weight") ? "it changes only one of embedding and output head, which are one weight in this model."
        : _targets.FirstOrDefault(target => target.Bias is not null && !target.Layer.Bias) is { } bare ? $"lora_bias adds to each adapted layer's bias, and {bare.Layer.Path} has none. Use the adapter beside its base."
        : null;

    private TokenRows? Tokens(LoraSpec spec, ModelConfig model)
    {
        if (spec.TrainableTokenIndices is not { } tokens)
            return null;
        var rows = TokenRows.Of("method.trainable_token_indices", tokens, model, ".token_adapter");
        bool IsSaved(string path) => spec.ModulesToSave?.Any(name => path == name || path.EndsWith("." + name, StringComparison.Ordinal)) == true;
        if (_embedding is not null || IsSaved(model.EmbeddingPath))
            throw new BadInputException($"method.trainable_token_indices: {model.EmbeddingPath} is trained in another way too. Use one of the two.");
        if (rows.OnHead && _head is not null)
            throw new BadInputException($"method.trainable_token_indices: {model.HeadPath}, which shares {model.EmbeddingPath} in this model, is trained in another way too. Use one of the two.");
        return rows;
    }

    private Tensor Merged(LoraTarget target, WeightLookup weights, float[] adapter, float[] frozen)
    {
        var whole = Copy(Layout[target.KeyOfB], adapter).mm(Copy(Layout[target.KeyOfA], adapter));
        if (Spec.StartsFromBase)
            whole.sub_(Copy(Frozen[target.KeyOfStartB], frozen).mm(Copy(Frozen[target.KeyOfStartA], frozen)));
        whole.Times_(target.Scale).Plus_(target.Layer.AsUsed(weights(target.Weight)));
        if (target.HasMagnitude)
            whole.mul_((Copy(Layout[target.KeyOfMagnitude], adapter) / whole.norm(1)).unsqueeze(1));
        return target.Layer.AsStored(whole);
    }

    private void StartFromBase(LoraTarget target, Span<float> a, Span<float> b, WeightLookup weights)
    {
        using var scope = NewDisposeScope();
        var (startA, startB) = BaseStart.Of(Spec.InitLoraWeights, target.Layer.AsUsed(weights(target.Weight)).to(ScalarType.Float32), target.Rank, target.Scale);
        startA.CopyNumbersTo(a);
        startB.CopyNumbersTo(b);
    }

    private ILinear Around(IPlainLinear plain, LoraTarget target, TrainedVector vector, AdapterDropout dropout, int site)
    {
        var (a, b) = (vector[target.KeyOfA], vector[target.KeyOfB]);
        if (target.HasMagnitude)
            return new DoraLinear(plain, a, b, vector[target.KeyOfMagnitude], target.Scale, dropout, site);
        ILinear below = Spec.StartsFromBase ? new LessenedLinear(plain, vector.Frozen[target.KeyOfStartA], vector.Frozen[target.KeyOfStartB], target.Scale) : plain;
        return new LoraLinear(below, a, b, BiasOf(target, vector), target.Scale, dropout, site);
    }

    private static Tensor? BiasOf(LoraTarget target, TrainedVector vector) => target.Bias is null ? null : vector[target.KeyOfBias];
}
