namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>WordLevel: a piece is a token or unknown.</summary>
internal sealed class WordLevelModel(Dictionary<string, int> vocabulary, int unknown) : ITokenModel
{
    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public void Encode(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers)
    {
        ids.Add(vocabulary.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out var id) ? id : unknown);
        covers?.Add(new TextSpan(0, piece.Length));
    }
}
