using System.Globalization;
using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tokenizers;

/// <summary>Reads vocabulary and merges of a byte-level BPE model: both ways of writing merges, "a b" and ["a", "b"].</summary>
internal static class BytePairReader
{
    public static Dictionary<string, int> Vocabulary(JsonPlace model)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in model.Need("vocab").Fields())
            vocabulary[token] = id.Id();
        return vocabulary;
    }

    public static BytePairEncoder Encoder(JsonPlace model, Dictionary<string, int> vocabulary)
    {
        var bytes = BytesOf(model, vocabulary);
        var merges = new Dictionary<long, Merge>();
        var rank = 0;
        foreach (var place in model.Need("merges").Items())
        {
            var (left, right) = Pair(place);
            var pair = BytePairEncoder.PairOf(IdOf(place, vocabulary, left), IdOf(place, vocabulary, right));
            merges[pair] = new Merge(rank++, IdOf(place, vocabulary, left + right));
        }
        var ignoreMerges = model.Flag("ignore_merges", missing: false);
        return new BytePairEncoder(bytes, merges, ignoreMerges ? vocabulary : null);
    }

    private static (string Left, string Right) Pair(JsonPlace place)
    {
        var parts = place.Element.ValueKind == System.Text.Json.JsonValueKind.Array
            ? [.. place.Items().Select(part => part.Text())]
            : place.Text().Split(' ');
        return parts is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : throw place.Bad("is not a pair of tokens.");
    }

    private static int IdOf(JsonPlace place, Dictionary<string, int> vocabulary, string token) =>
        vocabulary.TryGetValue(token, out var id) ? id : throw place.Bad($"\"{OneLine.Piece(token)}\" is not in model.vocab.");

    /// <summary>Every byte that can occur in text needs its token: without it a text would lose letters silently.</summary>
    private static int[] BytesOf(JsonPlace model, Dictionary<string, int> vocabulary)
    {
        var ids = new int[256];
        for (var value = 0; value < 256; value++)
        {
            var name = ByteAlphabet.CharOf((byte)value).ToString();
            ids[value] = vocabulary.TryGetValue(name, out var id) ? id
                : !ByteAlphabet.OccursInText((byte)value) ? -1
                : throw model.Bad(string.Create(CultureInfo.InvariantCulture,
                    $"vocab has no token \"{name}\" for the byte 0x{value:X2}. {TokenizerFile.Supported}: it holds all bytes."));
        }
        return ids;
    }
}
