using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Text to token ids and back, as Hugging Face <c>tokenizers</c> does it from the same tokenizer.json, or SentencePiece from
/// the same model file. Immutable apart from a cache of words; threads may share one.
/// </summary>
public sealed class TextTokenizer
{
    /// <summary>The most ids that a vocabulary may have.</summary>
    public const int MostTokens = 1 << 22;

    private readonly ITextCoder _coder;
    private readonly SpecialFrame _frame;

    private readonly Lazy<Dictionary<int, string>> _names;

    private TextTokenizer(OpenedTokenizer opened)
    {
        (_coder, _frame, BosId, EosId, Notes) = (opened.Coder, opened.Frame, opened.Bos, opened.Eos, opened.Notes);
        _names = new(() => _coder.Tokens.GroupBy(token => token.Value).ToDictionary(group => group.Key, group => group.First().Key));
    }

    /// <summary>The highest id plus one. A model's embedding must have at least so many rows.</summary>
    public int VocabularySize => _coder.VocabularySize;

    /// <summary>The token of begin, or null where the model folder names none.</summary>
    public int? BosId { get; }

    /// <summary>The token of end, or null where the model folder names none.</summary>
    public int? EosId { get; }

    /// <summary>Every token that ends an answer, <see cref="EosId"/> among them: chat models have several.</summary>
    public IReadOnlyList<int> EndIds { get; private init; } = [];

    /// <summary>What the tokenizer puts before a text by itself: the token of begin, or nothing.</summary>
    public IReadOnlyList<int> Prefix => _frame.Before;

    /// <summary>Whether the model reads prompts with an encoder and answers with a decoder.</summary>
    public bool HasEncoder { get; private init; }

    /// <summary>The classes that the model names, by their number; null where it writes text.</summary>
    public IReadOnlyList<string>? Classes { get; private init; }

    /// <summary>What ends a prompt: for an encoder the tokens that the tokenizer puts behind a text; a decoder goes on from a prompt that is open.</summary>
    public IReadOnlyList<int> PromptEnd => HasEncoder || Classes is not null ? _frame.After : [];

    /// <summary>What people should know of the file: settings in it that are not used. A sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>
    /// SHA-256 of the tokenizer's file, the ids of begin and end, whether there is an encoder, and the classes, 64 hex digits; for a
    /// SentencePiece model also of what is added to it. Equal hashes, equal tokens.
    /// </summary>
    public required string Hash { get; init; }

    /// <summary>Reads the tokenizer of a model folder in the Hugging Face layout: tokenizer.json, else spiece.model or tokenizer.model.</summary>
    /// <exception cref="BadInputException">No such folder or file, a damaged file, or a kind that is not supported.</exception>
    public static TextTokenizer Load(string modelFolder)
    {
        TokenizerFolder.Need(modelFolder);
        var name = TokenizerFolder.NameIn(modelFolder);
        var bytes = ModelFiles.ReadAll(Path.Combine(modelFolder, name));
        var opened = TokenizerFolder.Open(modelFolder, name, bytes);

        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        hash.AppendData(MemoryMarshal.AsBytes<int>([opened.Bos ?? -1, opened.Eos ?? -1]));
        var encoder = EncoderDecoder.Is(modelFolder);
        if (encoder)
            hash.AppendData("encoder"u8);
        var classes = ClassNames.Of(modelFolder);
        foreach (var className in classes ?? [])
            hash.AppendData(Encoding.UTF8.GetBytes($"class {className}\n"));
        hash.AppendData(Encoding.UTF8.GetBytes(opened.Additions));
        return new TextTokenizer(opened)
        {
            EndIds = SpecialIds.Ends(modelFolder, opened.Eos),
            HasEncoder = encoder,
            Classes = classes,
            Hash = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    /// <summary>The tokens of a text; added tokens written out in it are found. Special tokens: those that the tokenizer frames a text with.</summary>
    /// <exception cref="BadInputException">The tokenizer's own pattern does not come to an end on this text, or it has no token for a character.</exception>
    public int[] Encode(string text, bool addSpecialTokens)
    {
        var tokens = new TokenList(text.Length / 3 + 4, covers: false);
        if (addSpecialTokens)
            tokens.Ids.AddRange(_frame.Before);
        Encode(text, tokens);
        if (addSpecialTokens)
            tokens.Ids.AddRange(_frame.After);
        return [.. tokens.Ids];
    }

    /// <summary>
    /// The tokens of a text without those that frame it, and what each covers of the text, as offset_mapping of Hugging Face <c>tokenizers</c>
    /// (there in code points; post_processor's trim_offsets is not applied). Of a character in several tokens each covers all of it; what was
    /// put in (a first ▁) covers the first char; what was dropped is covered by no token.
    /// </summary>
    /// <exception cref="BadInputException">As for <see cref="Encode(string, bool)"/>.</exception>
    public OffsetTokens EncodeWithOffsets(string text)
    {
        var tokens = new TokenList(text.Length / 3 + 4, covers: true);
        Encode(text, tokens);
        return new OffsetTokens([.. tokens.Ids], [.. tokens.Covers!]);
    }

    private void Encode(string text, TokenList tokens)
    {
        try
        {
            _coder.Encode(Whole(text), tokens);
        }
        catch (RegexMatchTimeoutException endless)
        {
            throw new BadInputException("tokenizer.json: a pattern did not come to an end on a text within a minute. Use the tokenizer that the model was made with.", endless);
        }
    }

    /// <summary>
    /// The text of tokens. Bytes that are not UTF-8 (a character cut in half) become U+FFFD. Ids that no token has are left out, as Hugging
    /// Face leaves them out.
    /// </summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens) => _coder.Decode(ids, skipSpecialTokens);

    /// <summary>A token as the vocabulary writes it, special or not; for an id that no token has, a question mark.</summary>
    public string NameOf(int id) => _names.Value.GetValueOrDefault(id, "?");

    /// <summary>Whether a token has a part in decoded text.</summary>
    internal bool Shows(int id, bool skipSpecialTokens) => _coder.Shows(id, skipSpecialTokens);

    // Half of a surrogate pair is no character: it becomes U+FFFD, as it does in UTF-8.
    private static string Whole(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
                i++;
            else if (char.IsSurrogate(text[i]))
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }
}

/// <summary>Tokens of a text.</summary>
/// <param name="Ids">Their ids.</param>
/// <param name="Covers">What each covers of the text, in chars.</param>
public sealed record OffsetTokens(IReadOnlyList<int> Ids, IReadOnlyList<TextSpan> Covers);
