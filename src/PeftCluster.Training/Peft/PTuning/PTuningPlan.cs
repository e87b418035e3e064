using System.Diagnostics;
using System.Globalization;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Prompts;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.PTuning;

/// <summary>
/// P-tuning (Liu et al., arXiv 2103.10385) with PEFT's MLP: an embedding [P, D], then D → H → H → D with ReLU between, gives the
/// embeddings [P, D] of P tokens that do not exist. The vector is the network; the file holds what it gives.
/// </summary>
public sealed class PTuningPlan : EmbeddingPromptPlan
{
    private readonly PTuningSpec _spec;

    public PTuningPlan(PTuningSpec spec, ModelConfig model)
        : base(spec, spec.NumVirtualTokens, model, Encoder(spec, model)) =>
        _spec = spec with { Shape = PromptAdapterConfig.OfEmbeddings(model), EncoderHiddenSize = Hidden(spec, model) };

    public override MethodSpec Method => _spec;

    public override string Summary => string.Create(CultureInfo.InvariantCulture,
        $"P-tuning, {_spec.NumVirtualTokens} virtual tokens through {_spec.EncoderHiddenSize} hidden units");

    private protected override void InitialiseTable(Span<float> table, long seed, WeightLookup weights) =>
        throw new UnreachableException("what a file of P-tuning holds is never trained");

    private static int Hidden(PTuningSpec spec, ModelConfig model) => spec.EncoderHiddenSize ?? model.HiddenSize;

    private static PromptEncoder Encoder(PTuningSpec spec, ModelConfig model) =>
        new(spec.NumVirtualTokens * PromptAdapterConfig.Submodules(model), [model.HiddenSize, Hidden(spec, model), Hidden(spec, model), model.HiddenSize], "mlp_head", x => nn.functional.relu(x));
}
