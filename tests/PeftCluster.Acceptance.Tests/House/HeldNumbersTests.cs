using System.Xml.Linq;
using Mono.Cecil.Cil;
using TorchSharp;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>
/// No tensor meets a number that nobody holds: what BannedSymbols.TorchSharp.txt forbids, looked for in what was built, where the analyzer's gap (x += y) is none.
/// </summary>
public sealed class HeldNumbersTests
{
    private const string Keeper = "PeftCluster.Training.Native.Arithmetic", Maker = "TorchSharp.ScalarExtensionMethods";

    private static readonly Dictionary<string, string> Projects = new()
    {
        ["PeftCluster.Training"] = "PeftCluster.Training",
        ["PeftCluster.Server"] = "PeftCluster.Server",
        ["PeftCluster.Cli"] = "peft",
        ["ExamplePlugin"] = "ExamplePlugin",
        ["PeftCluster.Examples.Make"] = "PeftCluster.Examples.Make",
        ["PeftCluster.Quickstart.Make"] = "PeftCluster.Quickstart.Make",
        ["PeftCluster.TFew.Make"] = "PeftCluster.TFew.Make",
    };

    public static TheoryData<string> Names => [.. Projects.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_project_gives_libtorch_only_numbers_that_are_held(string project)
    {
        using var numbers = new UnheldNumbers();

        var unheld = numbers.In(Built(project, Projects[project]))
            .Where(call => (call.Caller.DeclaringType.FullName, call.Called.DeclaringType.FullName) != (Keeper, Maker))
            .Select(call => $"{call.Caller.DeclaringType.FullName}.{call.Caller.Name} calls {call.Called.FullName}");

        Assert.Equal("", string.Join('\n', unheld));
    }

    [Fact]
    public void The_keeper_lets_go_of_a_number_when_libtorch_has_read_it()
    {
        using var numbers = new UnheldNumbers();

        var makers = numbers.In(Built("PeftCluster.Training", "PeftCluster.Training")).Where(call => call.Called.DeclaringType.FullName == Maker)
            .Select(call => call.Caller).Where(maker => !maker.IsConstructor).Distinct().ToList();

        Assert.NotEmpty(makers);
        Assert.All(makers, maker => Assert.Contains(maker.Body.ExceptionHandlers, handler => handler.HandlerType == ExceptionHandlerType.Finally));
    }

    [Fact]
    public void A_number_that_nobody_holds_is_seen_in_every_form()
    {
        using var numbers = new UnheldNumbers();

        var seen = numbers.In(typeof(HeldNumbersTests).Assembly.Location).Select(call => call.Caller.Name).Distinct().Order();

        Assert.Equal(Faults, seen);
    }

    [Fact]
    public void Every_project_that_reaches_TorchSharp_is_looked_at()
    {
        var references = new[] { "src", "bench", "examples" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), References);

        Assert.Equal(Projects.Keys.Order(), references.Keys.Where(Reaches).Order());

        bool Reaches(string project) => references[project].Any(used => used == "TorchSharp" || references.ContainsKey(used) && Reaches(used));
    }

    private static readonly string[] Faults = ["AGroup", "AStep", "Compared", "Converted", "Filled", "Moved", "Read", "Squared", "Summed"];

    private static torch.Tensor Summed(torch.Tensor x, torch.Tensor y) => x + y;

    private static torch.Tensor Moved(torch.Tensor x, torch.Tensor y) => x += y;

    private static torch.Tensor Squared(torch.Tensor x) => x.square();

    private static torch.Tensor Compared(torch.Tensor x) => x.gt(0);

    private static torch.Tensor Filled(torch.Tensor x) => torch.full_like(x, 0.5.ToScalar());

    private static float Read(torch.Tensor x) => x.ToSingle();

    private static double Converted(torch.Tensor x) => (double)x;

    private static void AStep(torch.optim.Optimizer optimizer) => optimizer.step();

    private static Func<torch.Tensor, torch.Tensor> AGroup(torch.Tensor x) => x.add;

    private static string[] References(string path) => [.. XDocument.Load(path).Descendants()
        .Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference")
        .Select(element => (string)element.Attribute("Include")!)
        .Select(name => name.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(name) : name)];

    private static string Built(string project, string assembly) =>
        Path.Combine(Repository.Root, "artifacts", "bin", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), $"{assembly}.dll");
}
