using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Bottleneck adapters in AdapterHub's layout: small networks f(z) = s·(U·act(D·z + b) + c) beside or behind each layer's parts. With h what a part
/// gives and r the residual stream that entered it, h + f(h) joins the stream (Houlsby et al., arXiv 1902.00751), h + f(h + r) with
/// <see cref="OriginalLnBefore"/> (Pfeiffer et al., arXiv 2005.00052), or h + f(r) with <see cref="IsParallel"/> (He et al., arXiv 2110.04366).
/// </summary>
public sealed record BottleneckSpec : AdapterHubSpec
{
    public override string Type => "bottleneck";

    // AdapterHub's guide.
    public override double DefaultLearningRate => 1e-4;

    /// <summary>AdapterHub's name of a whole configuration; the keys below change parts of it, and those that are null are its.</summary>
    public BottleneckPreset Config { get; init; } = BottleneckPreset.SeqBn;

    /// <summary>The model's width divided by that of the bottleneck.</summary>
    [In("(0, 65536]")]
    public double? ReductionFactor { get; init; }

    /// <summary>What the bottleneck's numbers go through.</summary>
    public BottleneckActivation? NonLinearity { get; init; }

    /// <summary>The scale s.</summary>
    [In("(0, 65536]")]
    public double? Scaling { get; init; }

    /// <summary>A network behind attention.</summary>
    public bool? MhAdapter { get; init; }

    /// <summary>A network behind the feed-forward part.</summary>
    public bool? OutputAdapter { get; init; }

    /// <summary>The network reads the residual stream as it entered the part.</summary>
    public bool? IsParallel { get; init; }

    /// <summary>The network reads the sum of the part's output and the stream, normed where the model norms it.</summary>
    public bool? OriginalLnBefore { get; init; }

    /// <summary>How the networks begin.</summary>
    public BottleneckInit? InitWeights { get; init; }

    /// <summary>The share of what the networks give that is set to zero while training.</summary>
    [In("[0, 1)")]
    public double Dropout { get; init; }

    /// <summary>Numbers of layers that get no network.</summary>
    [Items(0, 1024), In("[0, 9999]")]
    public ValueList<int> LeaveOut { get; init; } = [];
}

/// <summary>AdapterHub's configurations.</summary>
public enum BottleneckPreset
{
    /// <summary>Pfeiffer: behind the feed-forward part; reduction 16, relu.</summary>
    SeqBn,

    /// <summary>Houlsby: behind attention and the feed-forward part; reduction 16, swish.</summary>
    DoubleSeqBn,

    /// <summary>He: beside the feed-forward part; reduction 2, relu, scale 4.</summary>
    ParBn,
}

/// <summary>What stands between the two layers of a bottleneck.</summary>
public enum BottleneckActivation
{
    /// <summary>max(0, x)</summary>
    Relu,

    /// <summary>x ÷ (1 + e⁻ˣ)</summary>
    Swish,

    /// <summary>x · Φ(x)</summary>
    Gelu,

    /// <summary>tanh(x)</summary>
    Tanh,
}

/// <summary>How bottlenecks begin.</summary>
public enum BottleneckInit
{
    /// <summary>Weights from N(0, 0.02), biases zero: almost the base.</summary>
    Bert,

    /// <summary>The first layer from U(−1/√in, 1/√in), all else zero: the base.</summary>
    MamAdapter,
}
