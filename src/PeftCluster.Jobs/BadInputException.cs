namespace PeftCluster.Jobs;

/// <summary>
/// A user's mistake. The message is the one line that the user reads: where (file, line, key), what is wrong,
/// the limit, and the remedy. It ends a command with exit code 2 and never with a stack trace.
/// </summary>
public sealed class BadInputException : Exception
{
    public BadInputException(string message) : base(message) { }

    public BadInputException(string message, Exception inner) : base(message, inner) { }

    public BadInputException() { }
}
