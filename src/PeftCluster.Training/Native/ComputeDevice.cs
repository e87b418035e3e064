using System.Globalization;
using PeftCluster.Jobs;
using TorchSharp;

namespace PeftCluster.Training.Native;

/// <summary>
/// One device that one worker computes on: <c>cpu:0</c>, <c>cpu:1</c> … (several workers on one processor, each on a thread of
/// its own), or <c>cuda:N</c>.
/// </summary>
public readonly record struct ComputeDevice(DeviceType Type, int Index)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Type == DeviceType.CUDA ? "cuda" : "cpu")}:{Index}");

    /// <summary>The device that torch knows: all processors' workers share one.</summary>
    public torch.Device Torch => Type == DeviceType.CUDA ? new torch.Device(DeviceType.CUDA, Index) : torch.CPU;

    /// <summary>The devices of this machine for so many workers: what <c>resources.device</c> says.</summary>
    /// <param name="choice">auto, cpu, cpu:N, cuda or cuda:N.</param>
    /// <param name="workers">How many workers the machine runs; each gets a device.</param>
    /// <exception cref="BadInputException">The choice is not one of these, or the machine has no such GPU.</exception>
    public static IReadOnlyList<ComputeDevice> For(string choice, int workers) =>
        For(choice, workers, TorchGpus);

    /// <summary>The same with the number of GPUs given.</summary>
    internal static IReadOnlyList<ComputeDevice> For(string choice, int workers, Func<int> gpus)
    {
        if (choice == "auto")
        {
            var found = gpus();
            return found > 0 ? Many(DeviceType.CUDA, Math.Min(found, workers)) : Many(DeviceType.CPU, workers);
        }
        var (name, number) = choice.Split(':') is [var first, var second] ? (first, second) : (choice, null);
        var index = 0;
        var known = name is "cpu" or "cuda" && (number is null || int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!known)
            throw new BadInputException($"resources.device: \"{choice}\" is no device. Write auto, cpu, or cuda:N.");
        if (name == "cpu")
            return number is null ? Many(DeviceType.CPU, workers) : [new ComputeDevice(DeviceType.CPU, index)];
        var available = gpus();
        if (index >= available)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"resources.device: {choice} is not here: libtorch sees {available} CUDA device(s). Write cpu, or build with -p:Torch=cuda on a machine with a GPU."));
        return number is null ? Many(DeviceType.CUDA, Math.Min(available, workers)) : [new ComputeDevice(DeviceType.CUDA, index)];
    }

    private static ComputeDevice[] Many(DeviceType type, int count) =>
        [.. Enumerable.Range(0, count).Select(index => new ComputeDevice(type, index))];

    // Asking for CUDA makes TorchSharp look for its CUDA shim, so ask only where libtorch itself came with CUDA.
    private static int TorchGpus()
    {
        TorchLibrary.Load();
        var withCuda = Directory.EnumerateFiles(TorchLibrary.Folder, "*torch_cuda*").Any();
        return withCuda && torch.cuda.is_available() ? torch.cuda.device_count() : 0;
    }
}
