namespace PeftCluster.Data.Tokenizers;

/// <summary>A stretch of a text, in chars (UTF-16): from the first, up to but not with the last.</summary>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>The stretch from where the first of both begins to where the last of both ends.</summary>
    internal TextSpan With(TextSpan other) => new(Math.Min(Start, other.Start), Math.Max(End, other.End));
}
