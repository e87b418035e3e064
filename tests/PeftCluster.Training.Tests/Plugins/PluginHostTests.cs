using System.Security.Cryptography;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Training.Tests.Plugins;

/// <summary>Each way in which an assembly can be no plugin, with the line that its user reads, and what holds of those that are one.</summary>
public sealed class PluginHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("none.dll", "no such file. Build the plugin, or correct the path.")]
    [InlineData("folder", "cannot be read: it is a folder. Name the .dll in it.")]
    [InlineData("text.dll", "is no .NET assembly. Name the .dll that your class library's project builds.")]
    public void What_is_no_assembly_is_refused(string name, string line)
    {
        Directory.CreateDirectory(_folder.File("folder"));
        File.WriteAllText(_folder.File("text.dll"), "MZ, and no more");

        Assert.Equal($"{_folder.File(name)}: {line}", Refusal(_folder.File(name)));
    }

    [Theory]
    [InlineData("Nothing", "public class Other;", "has no public class that is an IPlugin, so nothing says what is in it. Add one.")]
    [InlineData("Hidden", "internal class Entry : IPlugin;", "has no public class that is an IPlugin, so nothing says what is in it. Add one.")]
    [InlineData("Two", "public class One : IPlugin; public class Two : IPlugin;", "has 2 classes that are an IPlugin: One, Two. Keep one.")]
    [InlineData("Argument", "public class Entry(int number) : IPlugin { public int Number => number; }", "Entry has no public constructor without parameters, so it cannot be made. Add one.")]
    [InlineData("Throws", "public class Entry : IPlugin { public Entry() => throw new InvalidOperationException(\"no\\nluck\"); }", "InvalidOperationException while it was loaded: no luck. What it does when it is made must not fail.")]
    [InlineData("Twice", "public class M : IMetric { public string Name => \"m\"; public double Of(MeasuredAnswer answer) => 0; } public class Entry : IPlugin { public IReadOnlyList<IMetric> Metrics => [new M(), new M()]; }", "two of its metrics are named m. Give one another name.")]
    [InlineData("Late", "public class Entry : IPlugin { public IReadOnlyList<IMetric> Metrics => throw new FormatException(\"late\"); }", "FormatException while it was loaded: late. What it does when it is made must not fail.")]
    public void What_registers_nothing_or_fails_is_refused(string name, string source, string line)
    {
        var path = BuiltAssembly.Of(_folder.Path, name, source);

        Assert.Equal($"{path}: {line}", Refusal(path));
    }

    [Fact]
    public void One_that_was_built_against_another_version_is_refused_before_it_runs()
    {
        var older = Path.Combine(_folder.Path, "older");
        Directory.CreateDirectory(older);
        var contract = BuiltAssembly.Plain(older, "PeftCluster.Training", "[assembly: System.Reflection.AssemblyVersion(\"0.9.0.0\")] namespace PeftCluster.Training.Plugins { public interface IPlugin; } namespace PeftCluster.Training.Evaluation { public class A; } namespace PeftCluster.Training.Losses { public class A; } namespace PeftCluster.Training.Peft { public class A; }");
        var path = BuiltAssembly.Of(_folder.Path, "Old", "public class Entry : IPlugin;", contract);

        Assert.Equal($"{path}: was built against PeftCluster.Training 0.9, and this program has 0.1. Build it again against this one's assemblies.", Refusal(path));
    }

    [Fact]
    public void What_it_needs_besides_lies_beside_it_and_belongs_to_its_content()
    {
        var need = BuiltAssembly.Plain(_folder.Path, "Need", "public static class Need { public static string Word => \"first\"; }");
        var path = BuiltAssembly.Of(_folder.Path, "Needs", Metrics("Need.Word"), need);
        var first = Open(path);
        Assert.Equal(["first"], first.Metrics);

        File.Delete(need);
        Assert.Equal($"{path}: needs Need 0.0.0.0, which is neither a part of this program nor beside it. Copy Need.dll to it.", Refusal(path));
        BuiltAssembly.Plain(_folder.Path, "Need", "public static class Need { public static string Word => \"second\"; }");
        var second = Open(path);
        Assert.Equal(["second"], second.Metrics);
        Assert.NotEqual(first.Plugins[0].Sha256, second.Plugins[0].Sha256);
    }

    [Fact]
    public void The_hash_of_a_plugin_alone_is_its_files() => Assert.Equal(
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Example))), Open(Example).Plugins[0].Sha256);

    [Theory]
    [InlineData("\"length\"", "\"length\"", "A and B both have a metric length. Leave one of the two out of the job.")]
    [InlineData("\"length\"", "\"exact_match\"", "B: has a metric exact_match, and that is measured without it. Give it another name.")]
    [InlineData("\"length\"", "\"My Metric\"", "B: \"My Metric\" is no name of a metric. Names are lower-case letters, digits and underscores.")]
    public void A_name_that_is_taken_is_refused(string first, string second, string line)
    {
        var (a, b) = (BuiltAssembly.Of(_folder.Path, "A", Metrics(first)), BuiltAssembly.Of(_folder.Path, "B", Metrics(second)));

        Assert.Equal(line, Assert.Throws<BadInputException>(() => PluginHost.OfPaths.Open([Named(a), Named(b)])).Message);
    }

    [Theory]
    [InlineData("lora", "OTHER", "C: has a method lora, and one of that name is built in. Give it another name.")]
    [InlineData("other", "LORA", "C: its method writes adapters of peft_type LORA, which is built in. Give it another one.")]
    public void A_method_does_not_take_the_place_of_a_built_in_one(string type, string peftType, string line)
    {
        var path = BuiltAssembly.Of(_folder.Path, "C", $$"""
            public record OtherSpec : MethodSpec { public override string Type => "{{type}}"; public override double DefaultLearningRate => 1; }
            public class OtherMethod : PeftMethod<OtherSpec>
            {
                public override string PeftType => "{{peftType}}";
                public override MethodSpec Read(PeftCluster.Training.AdapterFiles.AdapterConfigFile config, IReadOnlyList<PeftCluster.Steps.Safetensors.SafetensorsEntry> tensors) => new OtherSpec();
                protected override AdapterPlan Plan(OtherSpec spec, PeftCluster.Training.Models.ModelConfig model) => throw new NotSupportedException();
                protected override System.Text.Json.Nodes.JsonObject Write(OtherSpec spec, PeftCluster.Steps.Layout.VectorLayout layout, string baseModel) => new();
                protected override string Describe(OtherSpec spec) => "";
            }
            public class Entry : IPlugin { public IReadOnlyList<PeftMethod> Methods => [new OtherMethod()]; }
            """, HostAssembly("PeftCluster.Steps"));

        Assert.Equal(line, Refusal(path));
    }

    [Fact]
    public void A_file_that_is_not_the_jobs_is_refused_by_its_content()
    {
        var named = Named(Example) with { Sha256 = new string('a', 64) };

        Assert.Equal(
            $"{Example}: has sha {Open(Example).Plugins[0].Sha256![..8]}…, this job's has aaaaaaaa…. Build it again from the same sources, or take its sha256 out of the job.",
            Assert.Throws<BadInputException>(() => PluginHost.OfPaths.Open([named])).Message);
    }

    [Fact]
    public void A_node_runs_only_its_own_copy_from_an_allowed_folder()
    {
        var job = Open(Example).Plugins[0] with { Path = "/elsewhere/ExamplePlugin.dll" };
        var allowed = PluginHost.OfFolders([_folder.Path]);

        Assert.Equal("ExamplePlugin.dll: this node takes no plugins. Start it with --plugins FOLDER, and put the file there.", Refused(PluginHost.OfFolders([]), job));
        Assert.Equal($"ExamplePlugin.dll: is not in this node's folder of plugins, {_folder.Path}. Copy the file there.", Refused(allowed, job));
        Assert.Equal("ExamplePlugin.dll: the job does not say its hash, so this node cannot know that its own is the same. Submit it with peft train.", Refused(allowed, job with { Sha256 = null }));
        BuiltAssembly.Of(_folder.Path, "ExamplePlugin", "public class Entry : IPlugin;");
        Assert.Matches($"^{_folder.Path}/ExamplePlugin.dll: has sha [0-9a-f]{{8}}…, this job's has {job.Sha256![..8]}…. Copy the same file to both.$", Refused(allowed, job));
        File.Copy(Example, _folder.File("ExamplePlugin.dll"), overwrite: true);
        Assert.Equal(job.Sha256, allowed.Open([job]).Plugins[0].Sha256);
    }

    internal static string Example => Repository.File(
        "artifacts", "bin", "ExamplePlugin", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "ExamplePlugin.dll");

    internal static PluginReference Named(string path) => new() { Path = path };

    private static string HostAssembly(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    private static string Metrics(string name) => $$"""
        public class Metric : IMetric { public string Name => {{name}}; public double Of(MeasuredAnswer answer) => 0; }
        public class Entry : IPlugin { public IReadOnlyList<IMetric> Metrics => [new Metric()]; }
        """;

    private static PluginWords Open(string path) => PluginHost.OfPaths.Open([Named(path)]);

    private static string Refusal(string path) => Assert.Throws<BadInputException>(() => Open(path)).Message;

    private static string Refused(PluginHost host, PluginReference plugin) => Assert.Throws<BadInputException>(() => host.Open([plugin])).Message;
}
