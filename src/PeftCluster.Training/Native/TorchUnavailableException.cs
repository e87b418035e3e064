namespace PeftCluster.Training.Native;

/// <summary>Libtorch cannot be used on this machine as it is. The message is one line: what is missing and the remedy.</summary>
public sealed class TorchUnavailableException : Exception
{
    public TorchUnavailableException(string message) : base(message) { }

    public TorchUnavailableException(string message, Exception inner) : base(message, inner) { }

    public TorchUnavailableException() { }
}
