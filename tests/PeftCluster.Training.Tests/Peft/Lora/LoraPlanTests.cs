using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>Targets, first version, scale and dropout of LoRA.</summary>
public sealed class LoraPlanTests
{
    [Fact]
    public void Slices_stand_in_the_order_of_the_modules_A_before_B()
    {
        var plan = Plan(new LoraSpec { R = 4, TargetModules = ["v_proj", "q_proj"] });
        Assert.Equal(["q_proj.lora_A", "q_proj.lora_B", "v_proj.lora_A", "v_proj.lora_B"], plan.Layout.Slices.Take(4).Select(slice => string.Join('.', slice.Key.Split('.')[^3..^1])));
        Assert.Equal("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", plan.Layout.Slices[0].Key);
        Assert.Equal([4L, 32L], plan.Layout.Slices[0].Shape);
        Assert.Equal([32L, 4L], plan.Layout.Slices[1].Shape);
        Assert.Equal(8, plan.Layout.Slices.Count);
    }

    [Fact]
    public void All_linear_is_every_layer_but_the_head()
    {
        var plan = Plan(new LoraSpec { TargetModules = ["all-linear"] });
        Assert.Equal(2 * 7 * 2, plan.Layout.Slices.Count);
        Assert.Equal("LoRA r 8 on q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj", plan.Summary);
    }

    [Theory]
    [InlineData("query", "method.target_modules: no module of this model is named \"query\". It has: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj (2 layers).")]
    [InlineData("_proj", "method.target_modules: no module of this model is named \"_proj\". It has: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj (2 layers).")]
    public void A_target_that_does_not_exist_is_refused_with_those_that_do(string name, string line) =>
        Assert.Equal(line, Assert.Throws<BadInputException>(() => Plan(new LoraSpec { TargetModules = ["q_proj", name] })).Message);

    [Fact]
    public void Version_0_is_uniform_A_and_zero_B_and_a_function_of_the_seed()
    {
        var plan = Plan(new LoraSpec { R = 64 });
        var (one, again, other) = (new float[plan.Layout.Length], new float[plan.Layout.Length], new float[plan.Layout.Length]);
        Array.Fill(again, 9);
        plan.Initialise(one, 7, NoWeights);
        plan.Initialise(again, 7, NoWeights);
        plan.Initialise(other, 8, NoWeights);
        Assert.Equal(one, again);
        Assert.NotEqual(one, other);
        var bound = 1 / Math.Sqrt(32);
        var (a, b) = (plan.Layout.Slices[0], plan.Layout.Slices[1]);
        Assert.All(one[a.Offset..(a.Offset + a.Length)], value => Assert.InRange(value, -bound, bound));
        Assert.All(one[b.Offset..(b.Offset + b.Length)], value => Assert.Equal(0, value));
        Assert.InRange(one[a.Offset..(a.Offset + a.Length)].Average(value => value * value), bound * bound / 3 * 0.9, bound * bound / 3 * 1.1);
        Assert.NotEqual(one[a.Offset], one[plan.Layout.Slices[2].Offset]);
    }

    [Fact]
    public void Patterns_choose_ranks_and_scales_and_the_first_that_matches_counts()
    {
        var plan = (LoraPlan)Plan(new LoraSpec
        {
            R = 4,
            LoraAlpha = 8,
            TargetModules = ["q_proj", "v_proj", "down_proj"],
            ExcludeModules = ["layers.0.mlp.down_proj"],
            RankPattern = [new("layers.1.self_attn.q_proj", 6), new("q_proj", 2), new("_proj", 9)],
            AlphaPattern = [new(@"layers\.\d+\.mlp\.down_proj", 3)],
        });
        Assert.Equal([2L, 4, 6, 4, 4], plan.Layout.Slices.Where(slice => slice.Key.Contains("lora_A", StringComparison.Ordinal)).Select(slice => slice.Shape[0]));
        Assert.Equal([4, 2, 8 / 6.0, 2, 0.75], plan.Scales);
    }

    [Fact]
    public void Layers_and_expressions_choose_targets()
    {
        Assert.Equal(2, Plan(new LoraSpec { TargetModules = ["q_proj"], LayersToTransform = [1] }).Layout.Slices.Count);
        Assert.Equal(2 * 3, Plan(new LoraSpec { TargetModules = [@".*layers\.0\.(self_attn\.[qv]_proj|mlp\.down_proj)"] }).Layout.Slices.Count);
        Assert.Equal(2 * 2 * 5, Plan(new LoraSpec { TargetModules = ["all-linear"], ExcludeModules = [".*mlp\\.(up|down)_proj"] }).Layout.Slices.Count);
    }

    [Fact]
    public void A_choice_that_leaves_nothing_is_refused()
    {
        Assert.StartsWith("method.target_modules: no module is left of .*query. It has: q_proj,", Refusal(new LoraSpec { TargetModules = [".*query"] }), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: no module is left of q_proj.", Refusal(new LoraSpec { TargetModules = ["q_proj"], ExcludeModules = ["q_proj"] }), StringComparison.Ordinal);
        Assert.StartsWith("method.layers_to_transform: this model has no layer 2.", Refusal(new LoraSpec { LayersToTransform = [0, 2] }), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: the regular expression takes more than a second", Refusal(new LoraSpec { TargetModules = ["(([a-z0-9._]+)+)+!"] }), StringComparison.Ordinal);
    }

    [Fact]
    public Task DoRA_starts_as_the_base_with_the_lengths_of_its_rows() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = Plan(new LoraSpec { R = 4, UseDora = true });
        var start = new float[plan.Layout.Length];
        plan.Initialise(start, 7, name => weights[name]);
        var lengths = plan.Layout.Slices[2];
        Assert.EndsWith("q_proj.lora_magnitude_vector", lengths.Key, StringComparison.Ordinal);
        GoldenFiles.Close(weights["model.layers.0.self_attn.q_proj.weight"].pow(2).sum(1).sqrt(), tensor(start[lengths.Offset..(lengths.Offset + lengths.Length)]), 1e-6, "lengths");
        using var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], plan);
        adapted.Vector.Load(start);
        var ids = arange(8).view(1, 8);
        GoldenFiles.Close(TinyLlama.Config.Build(name => weights[name]).Hidden(ids), ((Decoder)adapted.Model).Hidden(ids), 1e-5, "hidden states");
    });

    [Fact]
    public void Rank_stabilised_scaling_divides_by_the_root()
    {
        Assert.Equal(4, ((LoraPlan)Plan(new LoraSpec { R = 4, LoraAlpha = 16 })).Scales[0]);
        Assert.Equal(8, ((LoraPlan)Plan(new LoraSpec { R = 4, LoraAlpha = 16, UseRslora = true })).Scales[0]);
    }

    [Fact]
    public Task Dropout_depends_on_step_row_and_site_and_not_on_the_place_in_the_batch() => OnDevice.Run(() =>
    {
        var dropout = new AdapterDropout(0.25, 3);
        float[][] Rows(int step, int site, params int[] rows)
        {
            dropout.Begin(step, new MicroBatch(1, rows, 16, 1, 1));
            var dropped = dropout.Apply(ones(rows.Length, 16, 33), site);
            return [.. Enumerable.Range(0, rows.Length).Select(row => dropped[row].data<float>().ToArray())];
        }
        var three = Rows(5, 2, 10, 11, 12);
        Assert.Equal(three[1], Rows(5, 2, 11)[0]);
        Assert.NotEqual(three[0], three[1]);
        Assert.NotEqual(three[0], Rows(6, 2, 10)[0]);
        Assert.NotEqual(three[0], Rows(5, 3, 10)[0]);
        var values = three.SelectMany(row => row).ToArray();
        Assert.Equal([0f, 4f / 3], values.Distinct().Order());
        Assert.InRange(values.Count(value => value == 0) / (double)values.Length, 0.22, 0.28);
        dropout.End();
        var x = ones(1, 1, 1);
        Assert.Same(x, dropout.Apply(x, 0));
    });

    [Fact]
    public Task No_graph_exists_below_the_lowest_adapter() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = Plan(new LoraSpec { TargetModules = ["layers.1.self_attn.v_proj"] });
        using var vector = new TrainedVector(plan.Layout);
        var layers = plan.Attach(vector, new AdapterDropout(0, 0)).Linear!;
        var inputs = new Dictionary<string, bool>();
        var model = TinyLlama.Config.Build(name => weights[name],
            new Attachments { Linear = (shape, plain) => new Watching(layers(shape, plain), x => inputs[shape.Path] = x.requires_grad) });
        Assert.True(model.Hidden(arange(8).view(1, 8)).requires_grad);
        Assert.False(inputs["model.layers.0.mlp.down_proj"]);
        Assert.False(inputs["model.layers.1.self_attn.v_proj"]);
        Assert.True(inputs["model.layers.1.self_attn.o_proj"]);
    });

    [Theory]
    [InlineData(null)]
    [InlineData(3.0)]
    public Task Loss_and_gradient_in_chunks_equal_those_of_the_whole(double? cap) => OnDevice.Run(() =>
    {
        var generator = new Generator(3);
        var hidden = randn([1100, 24], generator: generator).requires_grad_();
        var head = randn([50, 24], generator: generator);
        var targets = arange(1100, dtype: ScalarType.Int64).remainder(50);
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(hidden, new OutputHead(head, cap), targets, 77, workspace, out var gradient);
        var plain = nn.functional.linear(hidden, head);
        var whole = nn.functional.cross_entropy(cap is { } most ? (plain / most).tanh() * most : plain, targets, reduction: nn.Reduction.Sum) / 77;
        whole.backward();
        GoldenFiles.Close(hidden.grad!, gradient, 1e-5, "gradient");
        Assert.Equal(whole.item<float>(), losses.Sum(loss => (double)loss) / 77, 1e-3);
        Assert.Equal(losses, HeadLoss.Of(hidden, new OutputHead(head, cap), targets));
    });

    private static Tensor NoWeights(string name) => throw new InvalidOperationException(name);

    private static string Refusal(LoraSpec spec) => Assert.Throws<BadInputException>(() => Plan(spec)).Message;

    private static AdapterPlan Plan(LoraSpec spec) => AdapterPlan.Of(spec, TinyLlama.Config);

    private sealed class Watching(ILinear inner, Action<Tensor> watch) : ILinear
    {
        public Tensor Forward(Tensor x)
        {
            watch(x);
            return inner.Forward(x);
        }
    }
}
