namespace PeftCluster.Jobs.Spec.Yaml;

/// <summary>
/// Where a value was written, as the user reads it: <c>job.yaml:14:3</c>, or <c>--set training.seed</c> for an override.
/// </summary>
/// <param name="Text">The place as it stands at the start of an error line.</param>
/// <param name="OverrideKey">The key of the override, or null in a file. An error does not say it twice.</param>
internal readonly record struct Place(string Text, string? OverrideKey = null)
{
    private const int LongestLine = 2000;

    public static Place InFile(string file, long line, long column) => new($"{file}:{line}:{column}");

    public static Place Override(string key) => new($"--set {key}", key);

    /// <summary>The one line about <paramref name="key"/>, ready to be thrown.</summary>
    public BadInputException Error(string key, string what, Exception? cause = null)
    {
        var line = OneLine(key.Length == 0 || key == OverrideKey ? $"{Text}: {what}" : $"{Text}: {key}: {what}", LongestLine);
        return cause is null ? new BadInputException(line) : new BadInputException(line, cause);
    }

    /// <summary>What others wrote, fit for one line: without control characters, and cut.</summary>
    public static string OneLine(string text, int most)
    {
        var line = string.Concat(text.Take(most).Select(character => char.IsControl(character) ? ' ' : character));
        return text.Length <= most ? line : line + "…";
    }
}
