namespace PeftCluster.Jobs;

/// <summary>
/// A user's mistake. The message is the one line that the user reads: where (file, line, key), what is wrong,
/// the limit, and the remedy. It ends a command with exit code 2 and never with a stack trace. What a damaged file has put into
/// the message is cut, and stays on the line.
/// </summary>
public sealed class BadInputException : Exception
{
    private const int MostLength = 2000;

    public BadInputException(string message) : base(OneLine(message)) { }

    public BadInputException(string message, Exception inner) : base(OneLine(message), inner) { }

    public BadInputException() { }

    private static string OneLine(string message)
    {
        var cut = message.Length > MostLength ? message[..MostLength] + "…" : message;
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(letter => char.IsControl(letter) ? ' ' : letter)) : cut;
    }
}
