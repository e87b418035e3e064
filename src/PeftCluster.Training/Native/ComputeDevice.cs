using System.Globalization;
using PeftCluster.Jobs;
using TorchSharp;

namespace PeftCluster.Training.Native;

/// <summary>
/// One device that one worker computes on: <c>cpu:0</c>, <c>cpu:1</c> … are several workers on one processor, each on a thread of
/// its own. A GPU is <c>cuda:N</c>; this version names it and refuses it, rather than computing elsewhere without a word.
/// </summary>
public readonly record struct ComputeDevice(DeviceType Type, int Index)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Type == DeviceType.CUDA ? "cuda" : "cpu")}:{Index}");

    /// <summary>The devices of this machine for so many workers: what <c>resources.device</c> says.</summary>
    /// <param name="choice">auto, cpu, cpu:N or cuda:N.</param>
    /// <param name="workers">How many workers the machine runs; each gets a device.</param>
    /// <exception cref="BadInputException">The choice is not one of these, or not supported here.</exception>
    public static IReadOnlyList<ComputeDevice> For(string choice, int workers)
    {
        if (choice is "auto" or "cpu")
            return [.. Enumerable.Range(0, workers).Select(index => new ComputeDevice(DeviceType.CPU, index))];
        if (choice.Split(':') is not [("cpu" or "cuda") and var name, var number]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw new BadInputException($"resources.device: \"{choice}\" is no device. Write auto, cpu, or cuda:N.");
        return name == "cpu"
            ? [new ComputeDevice(DeviceType.CPU, index)]
            : throw new BadInputException($"resources.device: {choice}: this version computes on processors only. Write cpu.");
    }
}
