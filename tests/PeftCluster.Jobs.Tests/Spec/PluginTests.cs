using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Plugins;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>A job whose method, loss and metrics are a plugin's: read by whoever opens it, carried as it is by whoever does not.</summary>
public sealed class PluginTests
{
    private const string Text = """
        model: base
        data: {train: train.jsonl}
        plugins: [bend.dll]
        method: {type: bend, strength: 3}
        training:
          loss: {type: soft}
        evaluation: {metrics: [length]}
        """;

    [Fact]
    public void A_plugins_words_are_read_as_built_in_ones_are()
    {
        var job = Read(Text);

        Assert.Equal(new BendSpec { Strength = 3 }, job.Method);
        Assert.Equal(0.25, job.Training.LearningRate);
        Assert.Equal(new SoftSpec(), job.Training.Loss);
        Assert.Equal([new PluginReference { Path = "/home/ada/tone/bend.dll", Sha256 = Host.Sha256 }], job.Plugins);
    }

    [Fact]
    public void Where_nobody_opens_plugins_a_job_is_carried_without_a_change()
    {
        var job = Read(Text);
        var carried = Jobs.Parse(JobFile.Write(job));

        Assert.Equal(("bend", 0.25), (Assert.IsType<UnreadMethod>(carried.Method).Type, carried.Training.LearningRate));
        Assert.Equal("soft", Assert.IsType<UnreadLoss>(carried.Training.Loss).Type);
        Assert.Equal(JobFile.Write(job), JobFile.Write(carried));
        Assert.Equal(JobDigest.Of(job), JobDigest.Of(carried));
        Assert.Equal(job, Read(JobFile.Write(carried)));
    }

    [Fact]
    public void Another_content_of_a_plugin_is_another_job()
    {
        var job = Read(Text);
        var rebuilt = job with { Plugins = [job.Plugins[0] with { Sha256 = new string('b', 64) }] };

        Assert.NotEqual(JobDigest.Of(job), JobDigest.Of(rebuilt));
        Assert.Equal(["plugins"], JobDigest.Differences(job, rebuilt).Select(key => key.Key));
    }

    [Fact]
    public void A_hash_in_the_job_reaches_whoever_opens_the_plugin()
    {
        var host = new Host();
        Read(Text.Replace("[bend.dll]", $"[{{path: bend.dll, sha256: {new string('c', 64)}}}]", StringComparison.Ordinal), host);

        Assert.Equal(new string('c', 64), host.Asked![0].Sha256);
    }

    [Theory]
    [InlineData("strength: 3", "strength: 30", "job.yaml:4:32: method.strength: 30 is not in [1, 9].")]
    [InlineData("strength: 3", "strenght: 3", "job.yaml:4:22: method.strenght: unknown key. Did you mean strength?")]
    [InlineData("type: bend", "type: bent", "job.yaml:4:16: method.type: bent is no method. Known: adalora, bend, bitfit, bottleneck, full, ia3, loha, lokr, lora, p_tuning, prefix_tuning, prompt_tuning, t-few, trainable_tokens, vera. Did you mean bend?")]
    [InlineData("type: soft", "type: hard", "job.yaml:6:16: training.loss.type: hard is no loss. Known: soft.")]
    [InlineData("{type: soft}", "{type: soft}\n  label_smoothing_factor: 0.1", "job.yaml:7:27: training.label_smoothing_factor: it is a part of cross-entropy, and training.loss is soft. Remove one of them.")]
    [InlineData("[length]", "[lenght]", "job.yaml:7:23: evaluation.metrics: lenght is no metric. Known: squad_match, token_f1, rouge_l, length. Did you mean length?")]
    [InlineData("[bend.dll]", "[none.dll]", "job.yaml:3:10: plugins: /home/ada/tone/none.dll: no such file.")]
    [InlineData("[bend.dll]", "[bend.dll, bend.dll]", "job.yaml:3:21: plugins: /home/ada/tone/bend.dll stands twice. Remove one.")]
    [InlineData("[bend.dll]", "bend.dll", "job.yaml:3:10: plugins: expected a list of plugins, found bend.dll.")]
    [InlineData("[bend.dll]", "[{path: bend.dll, sha256: 1f}]", "job.yaml:3:36: plugins[0].sha256: expected 64 lower-case hexadecimal digits, found 1f.")]
    [InlineData("[bend.dll]", "[unfit.dll]", "job.yaml:3:10: plugins: PeftCluster.Jobs.Tests: the keys of its record UnfitSpec cannot be read: UnfitSpec.Number needs [InAttribute]. A record has a constructor without parameters, and each key the attributes of its kind.")]
    public void What_a_plugin_does_not_have_is_refused_with_its_place(string piece, string replacement, string line) =>
        Assert.Equal(line, Assert.Throws<BadInputException>(() => Read(Text.Replace(piece, replacement, StringComparison.Ordinal))).Message);

    [Theory]
    [InlineData("training: {loss: {type: focal}}", "job.yaml:4:25: training.loss.type: focal is no loss. Only plugins have one, and none of this job's has.")]
    [InlineData("evaluation: {metrics: [length]}", "job.yaml:4:23: evaluation.metrics: length is no metric. Known: squad_match, token_f1, rouge_l. The job's plugins have none.")]
    public void Without_plugins_there_is_no_loss_and_no_metric_to_name(string line, string refusal) =>
        Assert.Equal(refusal, Jobs.Refusal($"{Jobs.Shortest.TrimEnd('\n')}\n{line}\n"));

    private static JobSpec Read(string text, IPluginHost? host = null) => JobFile.Parse(text, "job.yaml", "/home/ada/tone", [], host ?? new Host());

    private sealed class Host : IPluginHost
    {
        public static string Sha256 { get; } = new('a', 64);

        public IReadOnlyList<PluginReference>? Asked { get; private set; }

        public PluginWords Open(IReadOnlyList<PluginReference> plugins)
        {
            Asked = plugins;
            if (plugins[0].FileName == "none.dll")
                throw new BadInputException($"{plugins[0].Path}: no such file.");
            return new PluginWords(
                [.. plugins.Select(plugin => plugin with { Sha256 = plugin.Sha256 ?? Sha256 })],
                new Dictionary<string, Type> { ["bend"] = plugins[0].FileName == "unfit.dll" ? typeof(UnfitSpec) : typeof(BendSpec) },
                new Dictionary<string, Type> { ["soft"] = typeof(SoftSpec) }, ["length"]);
        }
    }

    private sealed record BendSpec : MethodSpec
    {
        public override string Type => "bend";

        public override double DefaultLearningRate => 0.25;

        [In("[1, 9]")]
        public int Strength { get; init; } = 2;
    }

    private sealed record UnfitSpec : MethodSpec
    {
        public override string Type => "bend";

        public override double DefaultLearningRate => 1;

        public int Number { get; init; }
    }

    private sealed record SoftSpec : LossSpec
    {
        public override string Type => "soft";

        public bool Hard { get; init; }
    }
}
