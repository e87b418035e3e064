/// <summary>
/// Runs inside the executable before its Main (the runtime's DOTNET_STARTUP_HOOKS looks for a class of this name without a
/// namespace) and writes, at its end, which assemblies it has loaded.
/// </summary>
internal static class StartupHook
{
    public const string Variable = "PEFT_TEST_LOADED_ASSEMBLIES";

    public static void Initialize() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        File.WriteAllLines(Environment.GetEnvironmentVariable(Variable)!, AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name!));
}
