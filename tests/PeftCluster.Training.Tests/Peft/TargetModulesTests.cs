using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>Which number of a path is its layer's, in a T5, whose paths have two (encoder.block.3.layer.0.SelfAttention.q), and in every method that can choose layers.</summary>
public sealed class TargetModulesTests
{
    public static TheoryData<MethodSpec> Methods =>
    [
        new AdaloraSpec { TargetModules = ["q_proj"], LayersToTransform = [1], LayersPattern = ["layers"] },
        new LohaSpec { TargetModules = ["q_proj"], LayersToTransform = [1], LayersPattern = ["layers"] },
        new LokrSpec { TargetModules = ["q_proj"], LayersToTransform = [1], LayersPattern = ["layers"] },
        new LoraSpec { TargetModules = ["q_proj"], LayersToTransform = [1], LayersPattern = ["layers"] },
        new VeraSpec { R = 8, TargetModules = ["q_proj"], LayersToTransform = [1], LayersPattern = ["layers"] },
    ];

    [Theory]
    [InlineData("block", "decoder.block.1.layer.0.SelfAttention.q decoder.block.1.layer.1.EncDecAttention.q encoder.block.1.layer.0.SelfAttention.q")]
    [InlineData("h block", "decoder.block.1.layer.0.SelfAttention.q decoder.block.1.layer.1.EncDecAttention.q encoder.block.1.layer.0.SelfAttention.q")]
    [InlineData("layer", "decoder.block.0.layer.1.EncDecAttention.q decoder.block.1.layer.1.EncDecAttention.q")]
    [InlineData("layer block", "decoder.block.0.layer.1.EncDecAttention.q decoder.block.1.layer.1.EncDecAttention.q")]
    public void The_number_behind_the_first_name_that_a_path_has_is_the_layers(string pattern, string paths) =>
        Assert.Equal(paths.Split(' '), Chosen(new TargetModules(["q"], null, [1], pattern.Split(' '))));

    [Fact]
    public void Without_a_name_it_is_the_first_number() =>
        Assert.Equal(Chosen(new TargetModules(["q"], null, [1], ["block"])), Chosen(new TargetModules(["q"], null, [1])));

    [Fact]
    public void A_name_is_a_whole_part_inside_a_path_and_no_expression()
    {
        Assert.StartsWith("method.layers_pattern: no path of this model has lock or b.ock inside, before a number. One of its paths: encoder.block.0.layer.0.SelfAttention.q.", Refusal(["lock", "b.ock"]), StringComparison.Ordinal);
        Assert.StartsWith("method.layers_pattern: no path of this model has encoder inside", Refusal(["encoder"]), StringComparison.Ordinal);
        // PEFT wants something before the name, as a part of it or not.
        Assert.StartsWith("method.layers_pattern: no path of this model has encoder.block inside", Refusal(["encoder.block"]), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public Task Every_method_takes_the_choice_and_its_files_say_it(MethodSpec method) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = AdapterPlan.Of(method, TinyLlama.Config);
        Assert.NotEmpty(plan.Layout.Slices);
        Assert.All(plan.Layout.Slices, slice => Assert.StartsWith("base_model.model.model.layers.1.self_attn.q_proj.", slice.Key, StringComparison.Ordinal));

        using var folder = new TemporaryFolder();
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 1, name => weights[name]);
        var job = new JobSpec { Name = "layers", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder.Path } };
        AdapterExport.Write(folder.Path, job, TinyLlama.Config.Task, plan, vector, plan.MakeFrozen(name => weights[name]));
        var config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        Assert.Equal(("[1]", "\"layers\""), (config["layers_to_transform"]!.ToJsonString(), config["layers_pattern"]!.ToJsonString()));
        var read = AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning));
        Assert.Equal(["layers"], Assert.IsType<IChoosesLayers>(read.Method, exactMatch: false).LayersPattern!);
        Assert.Equal(plan.Layout.Hash, AdapterPlan.Of(read.Method, TinyLlama.Config).Layout.Hash);
    });

    [Fact]
    public void Several_names_are_written_in_their_order()
    {
        using var folder = new TemporaryFolder();
        var plan = AdapterPlan.Of(new LoraSpec { LayersToTransform = [0], LayersPattern = ["layers", "h"] }, TinyLlama.Config);
        var job = new JobSpec { Name = "layers", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder.Path } };
        AdapterExport.Write(folder.Path, job, TinyLlama.Config.Task, plan, new float[plan.Layout.Length], default);
        Assert.Equal("[\"layers\",\"h\"]", JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!["layers_pattern"]!.ToJsonString());
    }

    private static IEnumerable<string> Chosen(TargetModules modules) =>
        modules.In(Tiny).Select(linear => linear.Path).Order(StringComparer.Ordinal);

    private static string Refusal(IReadOnlyList<string> pattern) => Assert.Throws<BadInputException>(() => new TargetModules(["q"], null, [1], pattern).In(Tiny)).Message;

    private static ModelConfig Tiny => ModelConfigFile.Load(PeftCluster.Tests.GoldenFolder.Of("models", "t5", "model"));
}
