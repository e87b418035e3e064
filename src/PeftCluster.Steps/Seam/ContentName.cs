namespace PeftCluster.Steps.Seam;

/// <summary>
/// Names that come from elsewhere and become a part of a path on this machine: only what could not lead out of its folder may. Who finds one
/// that may not says so in its own words.
/// </summary>
public static class ContentName
{
    /// <summary>Whether it is a SHA-256 as files are named by: 64 lower-case hex digits.</summary>
    public static bool IsHash(string? name) => name is { Length: 64 } && name.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether it is the plain name of a file: no folder in it, and not the folder itself or the one above.</summary>
    public static bool IsFileName(string? name) => name is not (null or "" or "." or "..") && Path.GetFileName(name) == name;
}
