using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>
/// Loads libtorch and TorchSharp's shim before anything else touches torch. Unusual: on a system whose libstdc++ is
/// older than the shim asks for, a patched copy of the shim is loaded (see <see cref="SymbolVersions"/>). The environment
/// variable TORCH_LIB_DIR names another folder of libtorch libraries, for example a CUDA build.
/// </summary>
public static class TorchLibrary
{
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private static readonly Lazy<IntPtr> Handle = new(LoadAll);

    /// <summary>The handle of libtorch_cpu, for the C functions that TorchSharp does not wrap.</summary>
    internal static IntPtr Cpu => Handle.Value;

    /// <summary>The folder that libtorch was loaded from.</summary>
    public static string Folder { get; private set; } = "";

    /// <summary>Loads the libraries once per process; later calls do nothing.</summary>
    /// <exception cref="TorchUnavailableException">Libtorch is missing or does not load; the message is one line.</exception>
    public static void Load() => _ = Handle.Value;

    private static IntPtr LoadAll()
    {
        ProcessEnvironment.SetDefault("MKL_CBWR", "AVX2");
        NativeHeap.KeepFreedMemory();
        var cpu = Name("torch_cpu");
        Folder = Folders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, cpu)))
            ?? throw new TorchUnavailableException(
                $"{cpu} was not found in {string.Join(", ", Folders())}. Publish with libtorch, or let TORCH_LIB_DIR name its lib folder.");
        LoadIfThere("c10");
        var handle = LoadOne(Path.Combine(Folder, cpu));
        LoadIfThere("c10_cuda");
        LoadIfThere("torch_cuda");
        LoadOne(Path.Combine(Folder, Name("torch")));
        LoadShim();
        return handle;
    }

    private static IEnumerable<string> Folders()
    {
        var chosen = Environment.GetEnvironmentVariable("TORCH_LIB_DIR");
        if (!string.IsNullOrEmpty(chosen))
            return [chosen];
        return [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeIdentifier, "native")];
    }

    private static string RuntimeIdentifier =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    private static string Name(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    private static void LoadIfThere(string library)
    {
        var path = Path.Combine(Folder, Name(library));
        if (File.Exists(path))
            LoadOne(path);
    }

    private static IntPtr LoadOne(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchUnavailableException($"{path} does not load: {error.Message.Split('\n')[0]}", error);
        }
    }

    private static void LoadShim()
    {
        string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeIdentifier, "native"), Folder];
        var path = folders.Select(folder => Path.Combine(folder, Name("LibTorchSharp"))).FirstOrDefault(File.Exists)
            ?? throw new TorchUnavailableException($"{Name("LibTorchSharp")} was not found in {string.Join(", ", folders)}. Restore and build again.");
        if (NativeLibrary.TryLoad(path, out _))
            return;
        // The copy may lie anywhere: what it needs is already loaded, and TorchSharp finds it by its soname.
        LoadOne(OperatingSystem.IsLinux() ? PatchedCopy(path) : path);
    }

    private static string PatchedCopy(string original)
    {
        var bytes = File.ReadAllBytes(original);
        if (SymbolVersions.MakeWeak(bytes, MissingVersion) == 0)
            LoadOne(original);
        foreach (var folder in CacheFolders())
        {
            var copy = Path.Combine(folder, Path.GetFileName(original));
            try
            {
                if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes))
                    return copy;
                Directory.CreateDirectory(folder);
                // Several processes may start at once: each writes its own file, and the last rename wins.
                var temporary = $"{copy}.{Environment.ProcessId}";
                File.WriteAllBytes(temporary, bytes);
                File.Move(temporary, copy, overwrite: true);
                return copy;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        }
        throw new TorchUnavailableException(
            $"{original} needs {MissingVersion}, which this system lacks, and no folder for a patched copy is writable. Set PEFTCLUSTER_HOME.");
    }

    private static IEnumerable<string> CacheFolders()
    {
        var home = Environment.GetEnvironmentVariable("PEFTCLUSTER_HOME");
        if (!string.IsNullOrEmpty(home))
            yield return Path.Combine(home, "native");
        var user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (user.Length > 0)
            yield return Path.Combine(user, ".cache", "peftcluster", "native");
        yield return Directory.CreateTempSubdirectory("peftcluster-native-").FullName;
    }
}
