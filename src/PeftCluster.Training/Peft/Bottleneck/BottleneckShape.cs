using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Bottleneck;

/// <summary>A bottleneck's configuration with nothing left open.</summary>
internal sealed record BottleneckShape(
    double ReductionFactor, BottleneckActivation NonLinearity, double Scaling, bool MhAdapter, bool OutputAdapter, bool IsParallel, bool OriginalLnBefore, BottleneckInit InitWeights)
{
    private static readonly BottleneckShape SeqBn = new(16, BottleneckActivation.Relu, 1, false, true, false, true, BottleneckInit.Bert);

    /// <summary>AdapterHub's configurations.</summary>
    public static BottleneckShape Of(BottleneckPreset preset) => preset switch
    {
        BottleneckPreset.DoubleSeqBn => SeqBn with { MhAdapter = true, OriginalLnBefore = false, NonLinearity = BottleneckActivation.Swish },
        BottleneckPreset.ParBn => SeqBn with { IsParallel = true, OriginalLnBefore = false, ReductionFactor = 2, Scaling = 4, InitWeights = BottleneckInit.MamAdapter },
        _ => SeqBn,
    };

    /// <summary>A spec's, its own keys over its preset's.</summary>
    public static BottleneckShape Of(BottleneckSpec spec)
    {
        var preset = Of(spec.Config);
        return new BottleneckShape(
            spec.ReductionFactor ?? preset.ReductionFactor,
            spec.NonLinearity ?? preset.NonLinearity,
            spec.Scaling ?? preset.Scaling,
            spec.MhAdapter ?? preset.MhAdapter,
            spec.OutputAdapter ?? preset.OutputAdapter,
            spec.IsParallel ?? preset.IsParallel,
            spec.OriginalLnBefore ?? preset.OriginalLnBefore,
            spec.InitWeights ?? preset.InitWeights);
    }

    /// <summary>The bottleneck's width, at least one.</summary>
    public int WidthOf(int hidden) => (int)Math.Max(1, Math.Floor(hidden / ReductionFactor));

    /// <summary>Whether a part gets a network.</summary>
    public bool Has(SubLayer part) => part == SubLayer.Attention ? MhAdapter : OutputAdapter;

    /// <summary>act(x)</summary>
    public Tensor Activate(Tensor x) => NonLinearity switch
    {
        BottleneckActivation.Swish => nn.functional.silu(x),
        BottleneckActivation.Gelu => nn.functional.gelu(x),
        BottleneckActivation.Tanh => x.tanh(),
        _ => nn.functional.relu(x),
    };
}
