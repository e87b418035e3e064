using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Tests.AdapterFiles;

/// <summary>Adapters that somebody else wrote: what is taken, and the one line for what is not.</summary>
public sealed class AdapterFolderTests
{
    private const string A = AdapterOnDisk.A;
    private const string B = AdapterOnDisk.B;

    private static readonly VectorLayout Layout = VectorLayout.Of([(A, [2, 3], new ParameterGroup()), (B, [4, 2], new ParameterGroup())]);

    [Fact]
    public void A_short_configuration_takes_the_defaults_of_PEFT()
    {
        using var folder = AdapterOnDisk.Of("""{"peft_type": "LORA"}""");
        var method = Assert.IsType<LoraSpec>(AdapterFolder.Open(folder.Path, NoWarning).Method);
        Assert.Equal((8, 8.0, 0.0, false), (method.R, method.LoraAlpha, method.LoraDropout, method.UseRslora));
        Assert.Equal(["model.layers.0.self_attn.q_proj"], method.TargetModules!);
    }

    [Fact]
    public void Names_and_patterns_are_kept()
    {
        using var list = AdapterOnDisk.Of("""{"peft_type": "LORA", "target_modules": ["v_proj", "q_proj"]}""");
        using var pattern = AdapterOnDisk.Of("""{"peft_type": "LORA", "target_modules": ".*[qv]_proj"}""");
        using var word = AdapterOnDisk.Of("""{"peft_type": "LORA", "target_modules": "q_proj"}""");
        Assert.Equal(["v_proj", "q_proj"], Targets(list));
        Assert.Equal([".*[qv]_proj"], Targets(pattern));
        Assert.Equal(["model.layers.0.self_attn.q_proj"], Targets(word));
    }

    [Fact]
    public void Choices_of_layers_and_patterns_of_ranks_are_read()
    {
        using var folder = AdapterOnDisk.Of("""
            {"peft_type": "LORA", "target_modules": ["q_proj"], "exclude_modules": ".*\\.1\\..*", "layers_to_transform": 0, "rank_pattern": {"b": 2, "a": 3}, "alpha_pattern": {"q": 1.5}}
            """);
        var method = Assert.IsType<LoraSpec>(AdapterFolder.Open(folder.Path, NoWarning).Method);
        Assert.Equal([@".*\.1\..*"], method.ExcludeModules!);
        Assert.Equal([0], method.LayersToTransform!);
        Assert.Equal([new("b", 2), new("a", 3)], method.RankPattern!);
        Assert.Equal([new("q", 1.5)], method.AlphaPattern!);
    }

    [Fact]
    public void Unknown_keys_are_ignored_with_one_warning()
    {
        using var folder = AdapterOnDisk.Of("""{"peft_type": "LORA", "zeta": 1, "a_new_key": {"x": 2}}""");
        var warnings = new List<string>();
        AdapterFolder.Open(folder.Path, warnings.Add);
        Assert.Equal([$"{folder.File("adapter_config.json")}: ignoring a_new_key, zeta: not known here. A newer PEFT may have written the file."], warnings);
    }

    [Theory]
    [InlineData("""{"peft_type": "HRA"}""", "peft_type: \"HRA\" is not supported: known: ADALORA, BITFIT, BOTTLENECK, FULL, IA3, LOHA, LOKR, LORA, PREFIX_TUNING, PROMPT_TUNING, P_TUNING, TRAINABLE_TOKENS, VERA")]
    [InlineData("""{"r": 8}""", "peft_type is missing")]
    [InlineData("""{"peft_type": "LORA", "bias": "some"}""", "bias: \"some\" is not supported")]
    [InlineData("""{"peft_type": "LORA", "rank_pattern": {"q_proj": 0}}""", "rank_pattern: {\"q_proj\": 0} is not a section of patterns with whole numbers from 1 to 4096")]
    [InlineData("""{"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0, "x"]}""", "layers_to_transform: [0, \"x\"] is not a list of whole numbers from 0 to 9999")]
    [InlineData("""{"peft_type": "LORA", "task_type": "TOKEN_CLS"}""", "task_type: \"TOKEN_CLS\" is not supported")]
    [InlineData("""{"peft_type": "LORA", "r": 0}""", "r: 0 is not a whole number from 1 to 4096")]
    [InlineData("""{"peft_type": "LORA", "r": "8"}""", "r: \"8\" is not a whole number")]
    [InlineData("""{"peft_type": "LORA", "lora_alpha": -1}""", "lora_alpha: -1 is not a number above 0")]
    [InlineData("""{"peft_type": "LORA", "lora_dropout": 1}""", "lora_dropout: 1 is not a number from 0")]
    [InlineData("""{"peft_type": "LOHA", "rank_dropout": 1}""", "rank_dropout: 1 is not a number from 0")]
    [InlineData("""{"peft_type": "TRAINABLE_TOKENS", "token_indices": []}""", "token_indices: [] is not supported: the file has to name at least one token")]
    [InlineData("""{"peft_type": "VERA", "bias": "all"}""", "bias: \"all\" is not supported")]
    [InlineData("""{"peft_type": "LOKR", "decompose_factor": "x"}""", "decompose_factor: \"x\" is not a whole number from -1 to 65536")]
    [InlineData("[1]", "is no JSON object")]
    [InlineData("{\"peft_type\": ", "is no JSON object")]
    public void What_would_change_the_adapter_is_refused_in_one_line(string config, string line)
    {
        using var folder = AdapterOnDisk.Of(config);
        var error = Assert.Throws<BadInputException>(() => AdapterFolder.Open(folder.Path, NoWarning));
        Assert.StartsWith($"{folder.File("adapter_config.json")}: {line}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Missing_folder_and_files_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no such folder", Open(folder.File("none")), StringComparison.Ordinal);
        Assert.Contains("adapter_config.json: is missing", Open(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(folder.File("adapter_config.json"), """{"peft_type": "LORA"}""");
        Assert.Contains("adapter_model.safetensors: is missing", Open(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Half_formats_are_widened_exactly()
    {
        byte[] half = [.. new[] { 1.5f, -2f, 0.25f, 0, 1, 2 }.SelectMany(value => BitConverter.GetBytes((Half)value))];
        byte[] brain = [.. new[] { 1.5f, -2f, 0.25f, 0, 1, 2, 3, 4 }.SelectMany(value => BitConverter.GetBytes(value)[2..])];
        using var folder = AdapterOnDisk.Of("""{"peft_type": "LORA"}""", new(A, SafetensorsType.F16, [2, 3], () => half), new(B, SafetensorsType.BF16, [4, 2], () => brain));
        var vector = AdapterFolder.Open(folder.Path, NoWarning).Read(Layout);
        Assert.Equal([1.5f, -2, 0.25f, 0, 1, 2], vector[..6]);
        Assert.Equal(new float[10], vector[6..16]);
        Assert.Equal([1.5f, -2, 0.25f, 0, 1, 2, 3, 4], vector[16..24]);
    }

    [Fact]
    public void Tensors_that_do_not_fit_the_layout_are_refused()
    {
        var a = SafetensorsTensor.Of(A, [2, 3], new float[6]);
        var b = SafetensorsTensor.Of(B, [4, 2], new float[8]);
        Assert.Contains($"\"{B}\" is missing", Read(a), StringComparison.Ordinal);
        Assert.Contains("\"x\" and 1 more belong to no module", Read(a, b, SafetensorsTensor.Of("x", [1], new float[1]), SafetensorsTensor.Of("y", [1], new float[1])), StringComparison.Ordinal);
        Assert.Contains($"\"{A}\" has shape [3, 2], but the base model and adapter_config.json need [2, 3]", Read(SafetensorsTensor.Of(A, [3, 2], new float[6]), b), StringComparison.Ordinal);
        Assert.Contains("not finite", Read(a, SafetensorsTensor.Of(B, [4, 2], new[] { 0, 0, 0, 0, 0, 0, 0, float.NaN })), StringComparison.Ordinal);
        Assert.Contains("must be F32, BF16 or F16", Read(a, new(B, SafetensorsType.I32, [4, 2], () => new byte[32])), StringComparison.Ordinal);
    }

    private static void NoWarning(string warning) => Assert.Fail(warning);

    private static ValueList<string> Targets(TemporaryFolder folder) =>
        Assert.IsType<LoraSpec>(AdapterFolder.Open(folder.Path, NoWarning).Method).TargetModules!;

    private static string Open(string folder) => Assert.Throws<BadInputException>(() => AdapterFolder.Open(folder, NoWarning)).Message;

    private static string Read(params SafetensorsTensor[] tensors)
    {
        using var folder = AdapterOnDisk.Of("""{"peft_type": "LORA"}""", tensors);
        var adapter = AdapterFolder.Open(folder.Path, NoWarning);
        return Assert.Throws<BadInputException>(() => adapter.Read(Layout)).Message;
    }
}
