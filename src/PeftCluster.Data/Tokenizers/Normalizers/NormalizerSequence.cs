namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Sequence: one normalizer after the other. An empty one changes nothing.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<INormalizer> parts) : INormalizer
{
    public PlacedText Normalize(PlacedText text) => parts.Aggregate(text, (changed, part) => part.Normalize(changed));
}
