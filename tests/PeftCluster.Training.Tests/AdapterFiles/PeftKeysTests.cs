using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Tests.AdapterFiles;

/// <summary>Keys of PEFT that no key of a job is like: one that changes what a finished adapter computes is refused by its name, one of how it began or was trained is taken.</summary>
public sealed class PeftKeysTests
{
    private static readonly SafetensorsTensor[] OfEmbedding =
    [
        SafetensorsTensor.Of("base_model.model.model.embed_tokens.lora_embedding_A", [2, 9], new float[18]),
        SafetensorsTensor.Of("base_model.model.model.embed_tokens.lora_embedding_B", [4, 2], new float[8]),
    ];

    [Theory]
    [InlineData("LORA", "layer_replication", "[[0, 4], [2, 5]]")]
    [InlineData("LORA", "use_qalora", "true")]
    [InlineData("LORA", "megatron_config", """{"hidden_size": 8}""")]
    [InlineData("LORA", "target_parameters", """["mlp.experts.gate_up_proj"]""")]
    [InlineData("LORA", "alora_invocation_tokens", "[3, 4]")]
    [InlineData("LORA", "arrow_config", """{"top_k": 3}""")]
    [InlineData("LORA", "kasa_config", """{"beta": 0.1}""")]
    [InlineData("LORA", "monteclora_config", """{"num_samples": 4}""")]
    [InlineData("LORA", "use_bdlora", """{"nblocks": 2}""")]
    [InlineData("LORA", "layers_pattern", """{"h": 1}""")]
    [InlineData("LORA", "init_lora_weights", "\"pissa_niter_16\"")]
    [InlineData("LORA", "init_lora_weights", "\"corda\"")]
    [InlineData("LORA", "init_lora_weights", "\"loftq\"")]
    [InlineData("LORA", "init_lora_weights", "\"lora_ga\"")]
    [InlineData("ADALORA", "layer_replication", "[[0, 4], [2, 5]]")]
    [InlineData("ADALORA", "trainable_token_indices", "[3]")]
    [InlineData("ADALORA", "bias", "\"all\"")]
    [InlineData("ADALORA", "use_dora", "true")]
    [InlineData("VERA", "bias", "\"vera_only\"")]
    public void A_key_that_acts_is_refused_in_one_line_that_names_it(string type, string key, string value)
    {
        using var folder = AdapterOnDisk.Of($$"""{"peft_type": "{{type}}", "{{key}}": {{value}}}""");

        var line = Assert.Throws<BadInputException>(() => Open(folder)).Message;

        Assert.StartsWith($"{folder.File("adapter_config.json")}: {key}: {value} is not supported: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Theory]
    [InlineData("LORA", "eva_config", """{"rho": 2.0}""")]
    [InlineData("LORA", "loftq_config", """{"loftq_bits": 4}""")]
    [InlineData("LORA", "corda_config", """{"corda_method": "kpm"}""")]
    [InlineData("LORA", "lora_ga_config", """{"direction": "ArB2r"}""")]
    [InlineData("LORA", "velora_config", """{"num_groups": 64}""")]
    [InlineData("LORA", "runtime_config", """{"ephemeral_gpu_offload": true}""")]
    [InlineData("LORA", "init_lora_weights", "false")]
    [InlineData("LORA", "init_lora_weights", "\"eva\"")]
    [InlineData("LORA", "init_lora_weights", "\"mica\"")]
    [InlineData("LORA", "init_lora_weights", "\"orthogonal\"")]
    [InlineData("LORA", "ensure_weight_tying", "true")]
    [InlineData("LORA", "qalora_group_size", "32")]
    [InlineData("LORA", "megatron_core", "\"megatron.other\"")]
    [InlineData("LORA", "peft_version", "\"9.9\"")]
    [InlineData("LORA", "revision", "\"main\"")]
    [InlineData("LORA", "layer_replication", "null")]
    [InlineData("LORA", "layers_pattern", "[]")]
    [InlineData("ADALORA", "eva_config", """{"rho": 2.0}""")]
    [InlineData("ADALORA", "runtime_config", """{"ephemeral_gpu_offload": false}""")]
    [InlineData("LOHA", "init_weights", "false")]
    [InlineData("VERA", "init_weights", "false")]
    public void A_key_of_how_it_began_or_was_trained_changes_nothing(string type, string key, string value)
    {
        using var with = AdapterOnDisk.Of($$"""{"peft_type": "{{type}}", "{{key}}": {{value}}}""");
        using var without = AdapterOnDisk.Of($$"""{"peft_type": "{{type}}"}""");

        Assert.Equal(Open(without), Open(with));
    }

    [Fact]
    public void The_way_to_begin_that_a_job_can_name_is_kept()
    {
        using var folder = AdapterOnDisk.Of("""{"peft_type": "LORA", "init_lora_weights": "gaussian"}""");
        Assert.Equal("gaussian", Assert.IsType<LoraSpec>(Open(folder)).InitLoraWeights);
    }

    [Theory]
    [InlineData("\"use_dora\": true")]
    [InlineData("\"init_lora_weights\": \"pissa\"")]
    public void A_bias_beside_B_belongs_to_plain_LoRA(string other)
    {
        using var folder = AdapterOnDisk.Of($$"""{"peft_type": "LORA", "lora_bias": true, {{other}}}""");
        Assert.Contains(": lora_bias: true is not supported: it belongs to plain LoRA", Assert.Throws<BadInputException>(() => Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tied_ends_are_refused_where_one_of_them_is_adapted()
    {
        using var tied = AdapterOnDisk.Of("""{"peft_type": "LORA", "ensure_weight_tying": true}""", OfEmbedding);
        using var free = AdapterOnDisk.Of("""{"peft_type": "LORA", "ensure_weight_tying": false}""", OfEmbedding);
        Assert.Contains(": ensure_weight_tying: true is not supported: model.embed_tokens is adapted", Assert.Throws<BadInputException>(() => Open(tied)).Message, StringComparison.Ordinal);
        Assert.Equal(["model.embed_tokens"], Assert.IsType<LoraSpec>(Open(free)).TargetModules!);
    }

    [Theory]
    [InlineData("\"layers\"")]
    [InlineData("[\"layers\"]")]
    public void A_pattern_of_layers_is_a_text_or_a_list(string pattern)
    {
        using var folder = AdapterOnDisk.Of($$"""{"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": 0, "layers_pattern": {{pattern}}}""");
        var method = Assert.IsType<LoraSpec>(Open(folder));
        Assert.Equal(["q_proj"], method.TargetModules!);
        Assert.Equal([0], method.LayersToTransform!);
        Assert.Equal(["layers"], method.LayersPattern!);
    }

    [Theory]
    [InlineData("\"layers_to_transform\": [0], \"layers_pattern\": \"lay(er)?s\"")]
    [InlineData("\"layers_pattern\": \"layers\"")]
    public void A_choice_of_layers_that_a_job_cannot_make_becomes_the_modules_that_it_chose(string choice)
    {
        using var folder = AdapterOnDisk.Of($$"""{"peft_type": "LORA", "target_modules": ["q_proj"], {{choice}}}""");
        var method = Assert.IsType<LoraSpec>(Open(folder));
        Assert.Equal(["model.layers.0.self_attn.q_proj"], method.TargetModules!);
        Assert.Null(method.LayersToTransform);
        Assert.Null(method.LayersPattern);
    }

    private static MethodSpec Open(TemporaryFolder folder) => AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning)).Method;
}
