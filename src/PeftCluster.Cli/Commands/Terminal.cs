namespace PeftCluster.Cli.Commands;

/// <summary>Where a command writes. Tests give it their own writers; no command touches <see cref="Console"/> itself.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">One line for each thing that went wrong.</param>
/// <param name="IsTerminal">Whether somebody looks at <paramref name="Out"/>: then there are colours and a live display.</param>
/// <param name="Width">Columns of the terminal; text for files is not broken.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsTerminal, int Width)
{
    /// <summary>Says what a user should read once, a line each, beside the result.</summary>
    public void Warn(string line) => Error.WriteLine($"warning  {line}");

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess()
    {
        var seen = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Terminal(Console.Out, Console.Error, seen, seen ? Math.Max(Console.WindowWidth, 60) : 160);
    }
}
