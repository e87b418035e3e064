using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PeftCluster.Training.Tests.Plugins;

/// <summary>Class libraries that users could have built, well or badly, compiled here from a few lines.</summary>
internal static class BuiltAssembly
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.Linq;
        global using PeftCluster.Jobs.Spec; global using PeftCluster.Jobs.Spec.Keys; global using PeftCluster.Training.Evaluation;
        global using PeftCluster.Training.Losses; global using PeftCluster.Training.Peft; global using PeftCluster.Training.Plugins;
        global using TorchSharp; global using static TorchSharp.torch;

        """;

    // What this process runs on, and so what a plugin of it is built against.
    private static readonly Lazy<PortableExecutableReference[]> Host = new(() => [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "PeftCluster.Jobs.dll" or "PeftCluster.Training.dll" or "TorchSharp.dll" or "netstandard.dll"))
        .Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>Builds NAME.dll.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="name">The assembly's name.</param>
    /// <param name="source">C#; the usings of a plugin stand before it.</param>
    /// <param name="against">Other assemblies than this process has: they win over its own of the same name.</param>
    /// <returns>Its path.</returns>
    public static string Of(string folder, string name, string source, params string[] against) => Emit(folder, name, Usings + source, against);

    /// <summary>The same without a plugin's usings.</summary>
    public static string Plain(string folder, string name, string source) => Emit(folder, name, source, []);

    private static string Emit(string folder, string name, string source, string[] against)
    {
        var others = against.Select(path => Path.GetFileName(path)).ToHashSet();
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest))],
            [.. Host.Value.Where(one => !others.Contains(Path.GetFileName(one.FilePath!))), .. against.Select(path => MetadataReference.CreateFromFile(path))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, deterministic: true, nullableContextOptions: NullableContextOptions.Enable));
        var path = Path.Combine(folder, $"{name}.dll");
        var result = compilation.Emit(path);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error)));
        return path;
    }
}
