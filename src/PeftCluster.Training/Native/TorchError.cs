using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>A native error's first line is the reason; the frames of C++ below it help nobody who reads a job's reason.</summary>
internal static class TorchError
{
    public static Exception Shorten(Exception error) => error is ExternalException
        ? new InvalidOperationException($"libtorch: {error.Message.Split('\n')[0].TrimEnd()}", error)
        : error;
}
