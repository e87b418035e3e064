using PeftCluster.Data.Formats;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// What tokenizer.json says, in parts that work. Only byte-level byte-pair encoding is known; everything that would
/// change an id and is not known is refused, never passed over. Truncation and padding settings in the file are not
/// used: transformers switches them off too, and cutting is the job's own decision.
/// </summary>
internal sealed record TokenizerFile(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<AddedToken> Added,
    WordSplitter Words,
    BytePairEncoder Pairs,
    SpecialFrame Frame)
{
    public const string Supported = "Supported is byte-level BPE, as GPT-2, Llama 3 and SmolLM have it";

    /// <exception cref="BadInputException">The file is damaged, or asks for what is not supported.</exception>
    public static TokenizerFile Read(string path, ReadOnlyMemory<byte> bytes) => JsonPlace.Read(path, bytes, root =>
    {
        var model = root.Need("model");
        RefuseOtherModels(model);
        if (root.Get("normalizer") is { } normalizer)
            RefuseNormalizer(normalizer);
        var words = WordStageReader.Read(root);
        RefuseOtherDecoders(root);

        var vocabulary = BytePairReader.Vocabulary(model);
        var added = AddedTokensOf(root);
        return new TokenizerFile(vocabulary, added, words, BytePairReader.Encoder(model, vocabulary), SpecialFrame.Read(root));
    });

    private static void RefuseOtherModels(JsonPlace model)
    {
        // Old files leave the type out; the fields tell then.
        var type = model.Get("type") is not null ? model.Type() : model.Get("merges") is not null ? "BPE" : "a model without merges";
        if (type != "BPE")
            throw model.Bad($"{type} is not supported. {Supported}.");
        foreach (var name in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (model.Get(name) is { } affix && affix.Text().Length > 0)
                throw affix.Bad($"\"{OneLine.Piece(affix.Text())}\" is not supported. {Supported}.");
        }
        if (model.Flag("byte_fallback", missing: false))
            throw model.Bad($"BPE with byte_fallback (SentencePiece) is not supported. {Supported}.");
        if (model.Get("dropout") is { } dropout && dropout.Element.GetRawText() is not ("0" or "0.0"))
            throw dropout.Bad("random merges are not supported: a row must have the same tokens every time. Set it to null.");
    }

    private static void RefuseNormalizer(JsonPlace normalizer)
    {
        var type = normalizer.Type();
        if (type != "Sequence")
            throw normalizer.Bad($"{type} is not supported. {Supported}, without a normalizer.");
        foreach (var part in normalizer.Need("normalizers").Items())
            RefuseNormalizer(part);
    }

    private static void RefuseOtherDecoders(JsonPlace root)
    {
        var decoder = root.Need("decoder");
        if (decoder.Type() is var type && type != "ByteLevel")
            throw decoder.Bad($"{type} is not supported. {Supported}, which has the decoder ByteLevel.");
    }

    private static List<AddedToken> AddedTokensOf(JsonPlace root)
    {
        var added = new List<AddedToken>();
        if (root.Get("added_tokens") is not { } places)
            return added;
        foreach (var place in places.Items())
        {
            added.Add(new AddedToken(
                place.Need("content").Text(),
                place.Need("id").Id(),
                place.Flag("special", missing: false),
                place.Flag("normalized", missing: true),
                place.Flag("lstrip", missing: false),
                place.Flag("rstrip", missing: false),
                place.Flag("single_word", missing: false)));
        }
        return added;
    }
}
