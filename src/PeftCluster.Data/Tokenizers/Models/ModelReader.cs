using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>Reads "model" of tokenizer.json. Old files leave the type out; the fields tell then.</summary>
internal static class ModelReader
{
    /// <param name="root">The whole file.</param>
    /// <param name="bytes">Whether text comes as <see cref="ByteAlphabet"/> writes it: then every byte needs its token.</param>
    public static ITokenModel Read(JsonPlace root, bool bytes)
    {
        var model = root.Need("model");
        return (model.Get("type") is not null ? model.Type() : Guess(model)) switch
        {
            "BPE" => BytePairReader.Read(model, bytes),
            "Unigram" => Unigram(model),
            "WordPiece" => WordPiece(model),
            "WordLevel" => new WordLevelModel(Vocabulary(model), Token(model, "unk_token", "<unk>")),
            var other => throw model.Bad($"{other} is not supported. Known are BPE, Unigram, WordPiece and WordLevel."),
        };
    }

    /// <summary>A vocabulary that is an object: token → id.</summary>
    public static Dictionary<string, int> Vocabulary(JsonPlace model)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in model.Need("vocab").Fields())
            vocabulary[token] = id.Id();
        return vocabulary;
    }

    private static string Guess(JsonPlace model) =>
        model.Get("merges") is not null ? "BPE"
        : model.Get("unk_id") is not null ? "Unigram"
        : model.Get("max_input_chars_per_word") is not null ? "WordPiece"
        : "A model without a type";

    private static UnigramModel Unigram(JsonPlace model)
    {
        var (tokens, scores) = (new List<string>(), new List<double>());
        foreach (var place in model.Need("vocab").Items())
        {
            JsonPlace[] parts = [.. place.Items()];
            if (parts is not [var token, var score])
                throw place.Bad("is not a token and its score.");
            tokens.Add(token.Text());
            scores.Add(score.Number());
        }
        var unknown = model.Get("unk_id")?.Id();
        if (unknown >= tokens.Count)
            throw model.Bad($"unk_id {unknown} is beyond the vocabulary, which has {tokens.Count} tokens.");
        return new UnigramModel(tokens, [.. scores], unknown, model.Flag("byte_fallback", missing: false));
    }

    private static WordPieceModel WordPiece(JsonPlace model)
    {
        var vocabulary = Vocabulary(model);
        var prefix = model.Get("continuing_subword_prefix")?.Text() ?? "##";
        return new WordPieceModel(vocabulary, Token(model, "unk_token", "[UNK]"), prefix, model.Get("max_input_chars_per_word")?.Count() ?? 100);
    }

    private static int Token(JsonPlace model, string name, string missing)
    {
        var token = model.Get(name)?.Text() ?? missing;
        return model.Need("vocab").Get(token)?.Id() ?? throw model.Bad($"{name} \"{OneLine.Piece(token)}\" is not in model.vocab.");
    }
}
