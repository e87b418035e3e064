using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;

namespace PeftCluster.Training.Native;

/// <summary>
/// Everything that may change the bits of a gradient on one device, as one line of text: workers whose lines are equal compute
/// equal bits. Instruction set that ATen dispatches to, processor and whether it multiplies bfloat16, MKL's branch, threads of a worker, build of libtorch.
/// </summary>
public static unsafe class NumericClass
{
    /// <summary>The line of a device that computes with so many threads.</summary>
    public static string Of(ComputeDevice device, int threads)
    {
        TorchLibrary.Load();
        return string.Create(CultureInfo.InvariantCulture,
            $"{(device.Type == DeviceType.CPU ? "cpu" : "cuda")} {InstructionSet()}; {Processor()}{(Bfloat16Products.AreFast ? ", bfloat16" : "")}; MKL_CBWR={Environment.GetEnvironmentVariable("MKL_CBWR")}; {threads} thread(s); {Build()}");
    }

    /// <summary>The instruction set that ATen's kernels use: avx512, avx2, default …</summary>
    public static string InstructionSet()
    {
        TorchLibrary.Load();
        // std::string at::get_cpu_capability(): the caller gives 32 bytes; the first 16 are a pointer and a length.
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
            && NativeLibrary.TryGetExport(TorchLibrary.Cpu, "_ZN2at18get_cpu_capabilityB5cxx11Ev", out var function))
        {
            var text = stackalloc nint[4];
            ((delegate* unmanaged<nint*, nint*>)function)(text);
            return Encoding.ASCII.GetString((byte*)text[0], (int)text[1]).ToLowerInvariant();
        }
        return Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY")
            ?? (Avx512F.IsSupported ? "avx512" : Avx2.IsSupported ? "avx2" : "default");
    }

    private static string Processor()
    {
        if (!X86Base.IsSupported)
            return RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        var vendor = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([b, d, c]));
        var signature = X86Base.CpuId(1, 0).Eax;
        var family = (signature >> 8 & 15) + (signature >> 20 & 255);
        var model = (signature >> 4 & 15) | (signature >> 16 & 15) << 4;
        return string.Create(CultureInfo.InvariantCulture, $"{vendor} family {family} model {model}");
    }

    private static string Build()
    {
        var version = "unknown";
        if (NativeLibrary.TryGetExport(TorchLibrary.Cpu, "aoti_torch_abi_version", out var function))
        {
            var number = ((delegate* unmanaged<ulong>)function)();
            version = string.Create(CultureInfo.InvariantCulture, $"{number >> 56}.{number >> 48 & 255}.{number >> 40 & 255}");
        }
        // The version alone does not tell a vendor's build from another: the library's size does, at no cost.
        var file = Directory.EnumerateFiles(TorchLibrary.Folder, "*torch_cpu.*").First();
        return string.Create(CultureInfo.InvariantCulture, $"libtorch {version} ({new FileInfo(file).Length} bytes)");
    }
}
