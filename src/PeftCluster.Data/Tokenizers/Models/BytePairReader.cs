using System.Globalization;
using System.Text.Json;
using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>Reads a BPE model: both ways of writing merges, "a b" and ["a", "b"].</summary>
internal static class BytePairReader
{
    public static BytePairModel Read(JsonPlace model, bool bytes)
    {
        if (model.Get("dropout") is { } dropout && dropout.Element.GetRawText() is not ("0" or "0.0"))
            throw dropout.Bad("random merges are not supported: a row must have the same tokens every time. Set it to null.");
        var vocabulary = ModelReader.Vocabulary(model);
        var unknown = model.Get("unk_token") is { } place ? IdOf(place, vocabulary, place.Text()) : (int?)null;
        if (bytes && unknown is null)
            NeedAllBytes(model, vocabulary);
        var prefix = model.Get("continuing_subword_prefix")?.Text() ?? "";
        return new BytePairModel(vocabulary, Merges(model, vocabulary, prefix), new BytePairOptions
        {
            Unknown = unknown,
            FuseUnknown = model.Flag("fuse_unk", missing: false),
            Bytes = model.Flag("byte_fallback", missing: false) ? ByteTokens.Of(vocabulary) : null,
            IgnoreMerges = model.Flag("ignore_merges", missing: false),
            ContinuingPrefix = prefix,
            EndSuffix = model.Get("end_of_word_suffix")?.Text() ?? "",
        });
    }

    private static Dictionary<long, Merge> Merges(JsonPlace model, Dictionary<string, int> vocabulary, string prefix)
    {
        var merges = new Dictionary<long, Merge>();
        var rank = 0;
        foreach (var place in model.Need("merges").Items())
        {
            var (left, right) = Pair(place);
            if (right.Length < prefix.Length)
                throw place.Bad("does not go on with continuing_subword_prefix.");
            var pair = MergeTable.PairOf(IdOf(place, vocabulary, left), IdOf(place, vocabulary, right));
            merges[pair] = new Merge(rank++, IdOf(place, vocabulary, left + right[prefix.Length..]));
        }
        return merges;
    }

    private static (string Left, string Right) Pair(JsonPlace place)
    {
        var parts = place.Element.ValueKind == JsonValueKind.Array ? [.. place.Items().Select(part => part.Text())] : place.Text().Split(' ');
        return parts is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : throw place.Bad("is not a pair of tokens.");
    }

    private static int IdOf(JsonPlace place, Dictionary<string, int> vocabulary, string token) =>
        vocabulary.TryGetValue(token, out var id) ? id : throw place.Bad($"\"{OneLine.Piece(token)}\" is not in model.vocab.");

    /// <summary>Every byte that can occur in text needs its token: without it a text would lose letters silently.</summary>
    private static void NeedAllBytes(JsonPlace model, Dictionary<string, int> vocabulary)
    {
        for (var value = 0; value < 256; value++)
        {
            var name = ByteAlphabet.CharOf((byte)value).ToString();
            if (ByteAlphabet.OccursInText((byte)value) && !vocabulary.ContainsKey(name))
            {
                throw model.Bad(string.Create(CultureInfo.InvariantCulture,
                    $"vocab has no token \"{name}\" for the byte 0x{value:X2}. A byte-level vocabulary without unk_token holds all bytes."));
            }
        }
    }
}
