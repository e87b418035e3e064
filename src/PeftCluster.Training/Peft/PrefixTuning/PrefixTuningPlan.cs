using System.Globalization;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Prompts;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.PrefixTuning;

/// <summary>
/// Prefix tuning (Li and Liang, arXiv 2101.00190): learnt keys and values before each layer's own. A place's row of the table is, layer after
/// layer, its key and then its value, head after head: [P, 2L · K · N]. With projection an embedding [P, K · N] through
/// K · N → H → tanh → 2L · K · N gives the table. L layers, K key heads, N head size.
/// </summary>
public sealed class PrefixTuningPlan : PromptPlan
{
    private readonly PrefixTuningSpec _spec;
    private readonly ModelConfig _model;

    public PrefixTuningPlan(PrefixTuningSpec spec, ModelConfig model)
        : base(spec, spec.NumVirtualTokens, (spec.NumVirtualTokens, 2L * model.Layers * KeySize(model)), spec.PrefixProjection ? Encoder(spec, model) : null)
    {
        _model = model;
        _spec = spec with { Shape = PromptAdapterConfig.OfKeys(model), EncoderHiddenSize = Hidden(spec, model) };
    }

    public override MethodSpec Method => _spec;

    public override string Summary => string.Create(CultureInfo.InvariantCulture,
        $"prefix tuning, {_spec.NumVirtualTokens} places{(_spec.PrefixProjection ? $" through {_spec.EncoderHiddenSize} hidden units" : "")}");

    private protected override void InitialiseTable(Span<float> table, long seed, WeightLookup weights)
    {
        if (_spec.InitWeights == PrefixInit.Zero)
            return;
        var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues);
        foreach (ref var value in table)
            value = (float)random.NextGaussian();
    }

    // [P, 2L · K · N] → [2L, K, P, N]
    private protected override Tensor Placed(Tensor table_PF) =>
        table_PF.view(table_PF.shape[0], 2 * _model.Layers, _model.KeyHeads, _model.HeadSize).permute(1, 2, 0, 3);

    private protected override Attachments Before(LearntPlaces places) => new() { Prefix = places };

    private static int KeySize(ModelConfig model) => model.KeyHeads * model.HeadSize;

    private static int Hidden(PrefixTuningSpec spec, ModelConfig model) => spec.EncoderHiddenSize ?? KeySize(model);

    private static PromptEncoder Encoder(PrefixTuningSpec spec, ModelConfig model) =>
        new(spec.NumVirtualTokens, [KeySize(model), Hidden(spec, model), 2L * model.Layers * KeySize(model)], "transform", tanh);
}
