using System.Text.Json;
using System.Text.RegularExpressions;
using PeftCluster.Server.Tests;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Cli.Tests.Commands;

/// <summary><c>peft adapter show</c>, <c>diff</c> and <c>combine</c> by their own words, on adapters of three layers that are made here.</summary>
public sealed partial class AdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Show_tells_what_an_adapter_is_and_puts_layers_together()
    {
        Make("a", alpha: 8, factor: 1);

        var answer = await Shell.RunAsync("adapter", "show", Folder("a"));

        Assert.Equal(0, answer.Code);
        Assert.Empty(answer.Error);
        Snapshot.Matches("adapter-show", Stable(answer.Out));
        Assert.Equal(12, (await Shell.RunAsync("adapter", "show", Folder("a"), "--all")).Out.Split('\n').Count(line => line.Contains(".lora_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Show_warns_of_an_adapter_that_does_nothing_and_of_numbers_that_are_none()
    {
        Make("idle", alpha: 8, factor: 0);
        Make("part", alpha: 8, factor: 1, of: (layer, part) => layer == 1 && part == "B" ? 0 : 1);
        Make("broken", alpha: 8, factor: float.NaN);

        Assert.Contains("warning   The adapter does nothing: lora_B.weight is 0 in each of its modules.", (await Shell.RunAsync("adapter", "show", Folder("idle"))).Out, StringComparison.Ordinal);
        Assert.Contains("warning   In 2 of 6 modules the adapter does nothing: lora_B.weight is 0, first in model.layers.1.self_attn.q_proj.", (await Shell.RunAsync("adapter", "show", Folder("part"))).Out, StringComparison.Ordinal);
        Assert.Contains("warning   6 of 12 tensors hold numbers that are not finite", (await Shell.RunAsync("adapter", "show", Folder("broken"))).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_gives_a_script_every_tensor()
    {
        Make("a", alpha: 8, factor: 1);

        var facts = JsonDocument.Parse((await Shell.RunAsync("adapter", "show", Folder("a"), "--json")).LastLine).RootElement;

        Assert.Equal(12, facts.GetProperty("tensors").GetArrayLength());
        Assert.Equal(("lora", 144), (facts.GetProperty("method").GetString(), facts.GetProperty("trained").GetInt32()));
        Assert.All(facts.GetProperty("changes").EnumerateArray(), change => Assert.Equal(4, change.GetProperty("scale").GetDouble()));
        Assert.Equal(8, facts.GetProperty("config").GetProperty("lora_alpha").GetInt32());
    }

    [Fact]
    public async Task Diff_of_the_same_adapter_is_code_0_and_says_bit_for_bit()
    {
        Make("a", alpha: 8, factor: 1);

        var answer = await Shell.RunAsync("adapter", "diff", Folder("a"), Folder("a"));

        Assert.Equal(0, answer.Code);
        Snapshot.Matches("adapter-diff-same", Stable(answer.Out));
    }

    [Fact]
    public async Task Diff_shows_fields_tensors_and_changes_and_is_code_1()
    {
        Make("a", alpha: 8, factor: 1);
        Make("b", alpha: 4, factor: 2, of: (layer, part) => layer == 2 && part == "A" ? 0.5f : 1);

        var answer = await Shell.RunAsync("adapter", "diff", Folder("a"), Folder("b"));

        Assert.Equal(1, answer.Code);
        Snapshot.Matches("adapter-diff", Stable(answer.Out));
        var found = JsonDocument.Parse((await Shell.RunAsync("adapter", "diff", Folder("a"), Folder("b"), "--json")).LastLine).RootElement;
        Assert.False(found.GetProperty("same").GetBoolean());
        // Twice the B and half the α make the same change, except where A differs.
        Assert.Equal([0, 0, 0, 0, 0.5, 0.5], found.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("relative").GetDouble()).Order());
    }

    [Fact]
    public async Task Combine_writes_an_adapter_that_can_be_shown()
    {
        Make("a", alpha: 8, factor: 1);
        Make("b", alpha: 8, factor: 2);

        var answer = await Shell.RunAsync("adapter", "combine", "--method", "cat", "--weights", "0.75,-0.25", Folder("a"), Folder("b"), Folder("new"));

        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Snapshot.Matches("adapter-combine", Stable(answer.Out));
        var facts = JsonDocument.Parse((await Shell.RunAsync("adapter", "show", Folder("new"), "--json")).LastLine).RootElement;
        Assert.Equal(("PeftCluster", 4), (facts.GetProperty("made_by").GetString(), facts.GetProperty("config").GetProperty("r").GetInt32()));
    }

    [Theory]
    [InlineData("adapter combine --weights 1 {a} {b} {new}", "--weights: 1 for 2 adapters")]
    [InlineData("adapter combine --weights 1,x {a} {b} {new}", "\"x\" is no number")]
    [InlineData("adapter combine --method ties --weights 1,1 {a} {b} {new}", "--density: ties needs one")]
    [InlineData("adapter combine --method ties --weights 1,1 --density 2 {a} {b} {new}", "--density")]
    [InlineData("adapter combine --method mean --weights 1,1 {a} {b} {new}", "mean is not known. There are linear, cat")]
    [InlineData("adapter combine --method cat --rank 3 --weights 1,1 {a} {b} {new}", "--rank")]
    [InlineData("adapter combine --method cat --clamp 0.9 --weights 1,1 {a} {b} {new}", "--clamp: is for types with an SVD")]
    [InlineData("adapter combine --method svd --clamp 0 --weights 1,1 {a} {b} {new}", "--clamp")]
    [InlineData("adapter combine --method svd --clamp 0.01 --weights 1,1 {a} {b} {new}", "--clamp: 0.01 is too small")]
    [InlineData("adapter combine --weights 1,1 {a} {b} {a}", "is there already")]
    [InlineData("adapter combine --weights 1,1 {a} {nowhere} {new}", "nowhere")]
    [InlineData("adapter combine {a} {b} {new}", "--weights")]
    [InlineData("adapter show {nowhere}", "nowhere")]
    [InlineData("adapter diff {a} {nowhere}", "nowhere")]
    public async Task What_cannot_be_is_one_line_and_exit_code_2(string words, string reason)
    {
        Make("a", alpha: 8, factor: 1);
        Make("b", alpha: 8, factor: 2);

        var answer = await Shell.RunAsync([.. words.Split(' ').Select(word => word.StartsWith('{') ? Folder(word.Trim('{', '}')) : word)]);

        Assert.Equal(2, answer.Code);
        Assert.Contains(reason, Assert.Single(answer.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(Path.Exists(Folder("new")));
    }

    public void Dispose() => _folder.Dispose();

    private string Folder(string name) => _folder[name];

    private string Stable(string text) => Hash().Replace(text.Replace(_folder.Path, "", StringComparison.Ordinal), "sha256 …");

    [GeneratedRegex("sha256 [0-9a-f]+…")]
    private static partial Regex Hash();

    // q_proj and v_proj of three layers, rank 2: A [2, 8] counts up, B [4, 2] is ones times the factor.
    private void Make(string name, int alpha, float factor, Func<int, string, float>? of = null)
    {
        Directory.CreateDirectory(Folder(name));
        File.WriteAllText(Path.Combine(Folder(name), "adapter_config.json"),
            $$"""{"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "some/base", "peft_version": "0.21.2", "r": 2, "lora_alpha": {{alpha}}, "target_modules": ["q_proj", "v_proj"]}""");
        using var stream = File.Create(Path.Combine(Folder(name), "adapter_model.safetensors"));
        SafetensorsWriter.Write(stream,
            from layer in Enumerable.Range(0, 3)
            from module in new[] { "q_proj", "v_proj" }
            from part in new[] { "A", "B" }
            let own = of?.Invoke(layer, part) ?? 1
            let values = part == "A" ? Enumerable.Range(1, 16).Select(number => number * own).ToArray() : Enumerable.Repeat(factor * own, 8).ToArray()
            select SafetensorsTensor.Of($"base_model.model.model.layers.{layer}.self_attn.{module}.lora_{part}.weight", part == "A" ? [2, 8] : [4, 2], values));
    }
}
