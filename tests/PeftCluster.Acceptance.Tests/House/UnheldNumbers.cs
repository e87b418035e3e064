using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>
/// Calls in an assembly that end in TorchSharp making a scalar, which it hands to libtorch and does not hold: read from the code of TorchSharp, so a
/// newer TorchSharp is known too. A method that makes one may be called through what it overrides (an optimizer's step), so that counts as well.
/// </summary>
internal sealed class UnheldNumbers : IDisposable
{
    private const string TorchSharp = "TorchSharp", Scalar = "TorchSharp.Scalar";

    private readonly DefaultAssemblyResolver _resolver = new();
    private readonly HashSet<string> _makers;

    public UnheldNumbers()
    {
        _resolver.AddSearchDirectory(AppContext.BaseDirectory);
        _makers = Makers(Methods(Path.Combine(AppContext.BaseDirectory, $"{TorchSharp}.dll")));
    }

    /// <summary>Each with the method that calls, such as <c>Decoder::Forward calls TorchSharp.torch/Tensor::square()</c>.</summary>
    public IReadOnlyList<(MethodDefinition Caller, MethodDefinition Called)> In(string assembly) =>
        [.. Methods(assembly).SelectMany(caller => Calls(caller).Where(called => _makers.Contains(called.FullName)).Select(called => (caller, called)))];

    public void Dispose() => _resolver.Dispose();

    private static HashSet<string> Makers(List<MethodDefinition> methods)
    {
        var callers = methods.SelectMany(caller => Calls(caller).Select(called => (Caller: caller, Called: called.FullName))).ToLookup(pair => pair.Called, pair => pair.Caller);
        var makers = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<MethodDefinition>(methods.Where(method => method.IsConstructor && method.DeclaringType.FullName == Scalar));
        while (open.TryDequeue(out var maker))
        {
            if (!makers.Add(maker.FullName))
                continue;
            foreach (var caller in callers[maker.FullName])
                open.Enqueue(caller);
            if (maker.GetBaseMethod() is { } overridden && overridden != maker && overridden.Module == maker.Module)
                open.Enqueue(overridden);
        }
        return makers;
    }

    // Delegates count as calls: what loads a method is going to call it.
    private static IEnumerable<MethodDefinition> Calls(MethodDefinition caller) => caller.Body.Instructions
        .Select(instruction => instruction.Operand)
        .OfType<MethodReference>()
        .Where(called => called.DeclaringType.GetElementType().Scope.Name is TorchSharp or $"{TorchSharp}.dll")
        .Select(called => called.Resolve())
        .Where(called => called is not null);

    private List<MethodDefinition> Methods(string assembly) =>
        [.. AssemblyDefinition.ReadAssembly(assembly, new ReaderParameters { AssemblyResolver = _resolver }).MainModule.GetAllTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)];
}
