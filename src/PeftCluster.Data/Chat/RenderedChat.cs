using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Chat;

/// <summary>A conversation as text.</summary>
/// <param name="Text">What the model reads.</param>
/// <param name="Marked">What the template's generation blocks marked as said by the assistant, in order, counted as transformers counts.</param>
/// <param name="HasMarkers">Whether the template has such blocks.</param>
public sealed record RenderedChat(string Text, IReadOnlyList<TextSpan> Marked, bool HasMarkers)
{
    /// <summary>The line of a generation block whose text went into a macro or a set block, where its place is not known; 0: there is none.</summary>
    internal int Misplaced { get; init; }
}
