using PeftCluster.Cli.Commands;
using YamlDotNet.RepresentationModel;

namespace PeftCluster.Cli.Tests.Commands;

/// <summary>
/// What docker-compose.yml and the Kubernetes manifest start is a command line of this build: nobody has an engine here, but a wrong option, a missing
/// secret or a volume that nobody declares can be found without one.
/// </summary>
public sealed class DeploymentTests
{
    private static readonly string _root = FindRoot();

    [Fact]
    public void Every_command_in_docker_compose_is_one_of_this_build()
    {
        var services = (YamlMappingNode)Documents("docker-compose.yml").Single()["services"];
        foreach (var (name, service) in services.Children)
        {
            var map = (YamlMappingNode)service;
            Parses($"docker-compose.yml, {name}", map.Children.TryGetValue("command", out var command) ? Words(command) : Shell(Words(map["entrypoint"])[^1]));
        }
    }

    [Fact]
    public void Every_secret_and_volume_in_docker_compose_is_declared()
    {
        var compose = Documents("docker-compose.yml").Single();
        var services = (YamlMappingNode)compose["services"];
        var secrets = Keys(compose, "secrets");
        var volumes = Keys(compose, "volumes");
        foreach (var service in services.Children.Values.Cast<YamlMappingNode>())
        {
            AssertDeclared(secrets, List(service, "secrets"));
            var named = List(service, "volumes").Select(volume => volume.Split(':')[0]).Where(volume => !volume.StartsWith('.'));
            AssertDeclared(volumes, named);
            AssertDeclared(Keys(compose, "services"), List(service, "depends_on"));
        }
    }

    [Fact]
    public void Every_container_of_the_kubernetes_manifest_starts_a_command_of_this_build_and_mounts_what_is_declared()
    {
        var containers = 0;
        foreach (var document in Documents("examples/cluster/kubernetes.yaml").Where(document => document["kind"].ToString() == "StatefulSet"))
        {
            var spec = (YamlMappingNode)document["spec"];
            var pod = (YamlMappingNode)spec["template"]["spec"];
            Assert.Equal(spec["selector"]["matchLabels"].ToString(), spec["template"]["metadata"]["labels"].ToString());
            var claims = spec.Children.TryGetValue("volumeClaimTemplates", out var templates) ? ((YamlSequenceNode)templates).Select(claim => claim["metadata"]["name"].ToString()) : [];
            HashSet<string> volumes = [.. ((YamlSequenceNode)pod["volumes"]).Select(volume => volume["name"].ToString()), .. claims];
            foreach (var container in (YamlSequenceNode)pod["containers"])
            {
                containers++;
                Parses($"kubernetes.yaml, {container["name"]}", Words(container["args"]));
                AssertDeclared(volumes, ((YamlSequenceNode)container["volumeMounts"]).Select(mount => mount["name"].ToString()));
            }
        }
        Assert.Equal(2, containers);
    }

    private static void AssertDeclared(HashSet<string> declared, IEnumerable<string> used) => Assert.Empty(used.Except(declared));

    private static void Parses(string where, string[] words)
    {
        var errors = CommandLine.ErrorsOf(words);
        Assert.True(errors.Count == 0, $"{where}: peft {string.Join(' ', words)}: {string.Join("; ", errors)}");
    }

    /// <summary>The words behind "exec peft" in a shell's line.</summary>
    private static string[] Shell(string line) => line[(line.IndexOf("exec peft ", StringComparison.Ordinal) + "exec peft ".Length)..].Split(' ');

    private static string[] Words(YamlNode list) => [.. ((YamlSequenceNode)list).Select(word => word.ToString())];

    private static HashSet<string> Keys(YamlNode map, string key) => [.. ((YamlMappingNode)map[key]).Children.Keys.Select(name => name.ToString())];

    private static string[] List(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var list) ? Words(list) : [];

    private static IEnumerable<YamlMappingNode> Documents(string path)
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(Path.Combine(_root, path));
        yaml.Load(text);
        return yaml.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PeftCluster.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
