using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Tests;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>LoRA of the output head, whose way back is written by hand, against autograd; PEFT's own numbers are in <see cref="MethodGoldenTests"/>.</summary>
public sealed class LoraHeadTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(3.0)]
    public Task Gradients_in_chunks_equal_autograds_of_the_whole(double? cap) => OnDevice.Run(() =>
    {
        var generator = new Generator(3);
        Tensor Leaf(params long[] shape) => randn(shape, generator: generator).requires_grad_();
        var (hidden, a, b, bias, weight) = (Leaf(1, 1100, 24), Leaf(3, 24), Leaf(50, 3), Leaf(50), randn([50, 24], generator: generator));
        var targets = arange(1100, dtype: ScalarType.Int64).remainder(50);
        var plain = nn.functional.linear(hidden[0], weight) + (nn.functional.linear(nn.functional.linear(hidden[0], a), b) + bias) * 0.7;
        var whole = nn.functional.cross_entropy(cap is { } most ? (plain / most).tanh() * most : plain, targets, reduction: nn.Reduction.Sum) / 77;
        whole.backward();
        Tensor[] expected = [hidden.grad!.clone(), a.grad!.clone(), b.grad!.clone(), bias.grad!.clone()];
        foreach (var leaf in new[] { hidden, a, b, bias })
            leaf.grad!.zero_();

        var head = new OutputHead(weight, cap) { Change = new LoraHead(a, b, bias, 0.7, new AdapterDropout(0, 0), 0) };
        var read = head.Read(hidden)[0];
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(read, head, targets, 77, workspace, out var gradient);
        read.backward([gradient]);
        GoldenFiles.Close(expected[0], hidden.grad!, 1e-5, "hidden states");
        GoldenFiles.Close(expected[1], a.grad!, 1e-5, "A");
        GoldenFiles.Close(expected[2], b.grad!, 1e-5, "B");
        GoldenFiles.Close(expected[3], bias.grad!, 1e-5, "its bias");
        Assert.Equal(whole.item<float>(), losses.Sum(loss => (double)loss) / 77, 1e-3);
        Assert.Equal(losses, HeadLoss.Of(read, head, targets));
    });

    [Theory]
    [InlineData("models/llama/lora")]
    [InlineData("models/gpt2/lora")]
    [InlineData("models/gemma2/lora")]
    [InlineData("models/t5/lora")]
    [InlineData("models/t5-v1_1/lora")]
    public Task A_models_gradients_equal_autograds_whether_its_head_is_tied_or_not(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(Path.Combine(GoldenFolder.Root, folder), new LoraSpec { R = 4, TargetModules = ["lm_head"] });
        var adapter = randn([golden.Plan.Layout.Length], generator: new Generator(4)).data<float>().ToArray();
        golden.Adapted.Vector.Load(adapter);
        var loss = golden.Step();
        var (ours, theirs) = (new float[adapter.Length], new float[adapter.Length]);
        golden.Adapted.Vector.CopyGradient(ours);

        golden.Adapted.Vector.ClearGradient();
        var states = golden.Batch.Labelled(golden.Adapted.Model);
        var whole = nn.functional.cross_entropy(states.Logits(), states.Places.Targets());
        whole.backward();
        golden.Adapted.Vector.CopyGradient(theirs);
        Assert.Equal(whole.item<float>(), loss, 1e-4);
        Assert.Equal(2, golden.Plan.Layout.Slices.Count);
        foreach (var slice in golden.Plan.Layout.Slices)
            GoldenFiles.Close(GoldenCase.Of(slice, theirs), GoldenCase.Of(slice, ours), 1e-4, slice.Key);
    });

    [Fact]
    public Task A_tied_head_changes_and_the_embedding_stays() => OnDevice.Run(() =>
    {
        var tied = TinyLlama.Config with { TiedHead = true };
        var weights = TinyLlama.Weights(tied);
        var plan = AdapterPlan.Of(new LoraSpec { R = 4, TargetModules = ["lm_head"] }, tied);
        using var adapted = new AdaptedModel(tied, name => weights[name], plan);
        adapted.Vector.Load(Enumerable.Repeat(0.1f, plan.Layout.Length).ToArray());
        var ids = arange(8).view(1, 8);
        var (own, other) = ((Decoder)tied.Build(name => weights[name]), (Decoder)adapted.Model);
        Assert.Equal(own.Hidden(ids).data<float>().ToArray(), other.Hidden(ids).data<float>().ToArray());
        // Each of four directions sums h and adds a tenth of a tenth of it to each logit, times α ÷ r.
        GoldenFiles.Close(own.Logits(own.Hidden(ids)) + own.Hidden(ids).sum(-1, keepdim: true) * (4 * 0.01 * 2), other.Logits(other.Hidden(ids)), 1e-5, "logits");
        Assert.False(plan.CanMerge);
        Assert.Contains("cannot be merged", Assert.Throws<BadInputException>(() => plan.Merge(name => weights[name], new float[plan.Layout.Length])).Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task Dropout_takes_from_what_the_adapter_reads_and_from_nothing_else() => OnDevice.Run(() =>
    {
        var dropout = new AdapterDropout(0.5, 7);
        var head = new LoraHead(ones(1, 16), ones(8, 1), null, 1, dropout, 3);
        var hidden = ones(2, 4, 16);
        var still = head.Read(hidden);
        dropout.Begin(1, new MicroBatch(0, [5, 6], 16, 0, 0));
        var read = head.Read(hidden);
        Assert.True(read.narrow(-1, 0, 16).equal(hidden).all().item<bool>());
        Assert.False(read.narrow(-1, 16, 1).equal(still.narrow(-1, 16, 1)).all().item<bool>());
    });

    [Fact]
    public Task A_change_of_the_head_never_sees_the_logits_of_more_than_512_places() => OnDevice.Run(() =>
    {
        var watched = new Watched();
        using var workspace = new HeadWorkspace();
        HeadLoss.WithGradient(ones(1300, 8), new OutputHead(ones(20, 8), null) { Change = watched }, zeros(1300, ScalarType.Int64), 1, workspace, out _);
        Assert.Equal([512, 512, 512, 512, 276, 276], watched.Rows);
    });

    [Fact]
    public void What_a_head_cannot_do_is_refused_in_one_line()
    {
        LoraSpec on = new() { TargetModules = ["lm_head"] };
        Assert.StartsWith("method.target_modules: the output head, lm_head, takes plain LoRA only.", Refusal(on with { UseDora = true }), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: the output head, lm_head, takes plain LoRA only.", Refusal(on with { InitLoraWeights = "pissa" }), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: no module is left of lm_head.", Refusal(on with { LayersToTransform = [0] }), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: \"lm_head\" is the output head, which takes no adapter. It has: q_proj,", Refusal(new Ia3Spec { TargetModules = ["lm_head"] }), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: the regular expression matches the output head, lm_head", Refusal(new LohaSpec { TargetModules = [".*"] }), StringComparison.Ordinal);
        Assert.True(AdapterPlan.Of(on, TinyLlama.Config).CanMerge);
        Assert.Equal("LoRA r 8 on q_proj, lm_head", AdapterPlan.Of(new LoraSpec { TargetModules = ["lm_head", "q_proj"] }, TinyLlama.Config).Summary);
    }

    private static string Refusal(MethodSpec spec) => Assert.Throws<BadInputException>(() => AdapterPlan.Of(spec, TinyLlama.Config)).Message;

    /// <summary>Changes nothing and counts rows.</summary>
    private sealed class Watched : IHeadChange
    {
        public List<long> Rows { get; } = [];

        public Tensor Read(Tensor hidden) => hidden;

        public void Apply(Tensor logits_RV, Tensor read_RE) => Rows.Add(logits_RV.shape[0]);

        public void Learn(Tensor slope_RV, Tensor read_RE, Tensor gradient_RE) => Rows.Add(slope_RV.shape[0]);
    }
}
