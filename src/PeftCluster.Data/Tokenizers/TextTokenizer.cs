using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Text to token ids and back, as Hugging Face <c>tokenizers</c> does it from the same tokenizer.json: byte-level BPE.
/// Immutable apart from a cache of words; threads may share one.
/// </summary>
public sealed class TextTokenizer
{
    /// <summary>The most ids that a vocabulary may have.</summary>
    public const int MostTokens = 1 << 22;

    private readonly AddedTokens _added;
    private readonly WordSplitter _words;
    private readonly BytePairEncoder _pairs;
    private readonly SpecialFrame _frame;
    private readonly byte[]?[] _bytesOfId;
    private readonly HashSet<int> _special;

    private TextTokenizer(TokenizerFile file)
    {
        _added = new AddedTokens(file.Added);
        _words = file.Words;
        _pairs = file.Pairs;
        _frame = file.Frame;
        _special = [.. file.Added.Where(token => token.Special).Select(token => token.Id)];

        VocabularySize = file.Vocabulary.Values.Concat(file.Added.Select(token => token.Id)).Append(-1).Max() + 1;
        _bytesOfId = new byte[]?[VocabularySize];
        foreach (var (token, id) in file.Vocabulary)
            _bytesOfId[id] = ByteAlphabet.BytesOf(token);
        foreach (var token in file.Added)
            _bytesOfId[token.Id] = ByteAlphabet.BytesOf(token.Text);
    }

    /// <summary>The highest id plus one. A model's embedding must have at least so many rows.</summary>
    public int VocabularySize { get; }

    /// <summary>The token of begin, or null where the model folder names none.</summary>
    public int? BosId { get; private init; }

    /// <summary>The token of end, or null where the model folder names none.</summary>
    public int? EosId { get; private init; }

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

    /// <summary>
    /// SHA-256 of tokenizer.json, the ids of begin and end, whether there is an encoder, and the classes, 64 hex digits: equal hashes, equal tokens.
    /// </summary>
    public required string Hash { get; init; }

    /// <summary>Reads tokenizer.json of a model folder in the Hugging Face layout.</summary>
    /// <exception cref="BadInputException">No such folder or file, a damaged file, or a kind that is not supported.</exception>
    public static TextTokenizer Load(string modelFolder)
    {
        if (!Directory.Exists(modelFolder))
            throw new BadInputException($"{modelFolder}: no such folder. A model is a folder with config.json, *.safetensors and tokenizer.json.");
        var path = Path.Combine(modelFolder, "tokenizer.json");
        if (!File.Exists(path))
            throw new BadInputException($"{path}: no such file. {TokenizerFile.Supported}, read from tokenizer.json.");

        var bytes = ModelFiles.ReadAll(path);
        var file = TokenizerFile.Read(path, bytes);
        var ids = new Dictionary<string, int>(file.Vocabulary, StringComparer.Ordinal);
        foreach (var token in file.Added)
            ids[token.Text] = token.Id;
        var (bos, eos) = (SpecialIds.Find(modelFolder, "bos", ids), SpecialIds.Find(modelFolder, "eos", ids));

        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        hash.AppendData(MemoryMarshal.AsBytes<int>([bos ?? -1, eos ?? -1]));
        var encoder = EncoderDecoder.Is(modelFolder);
        if (encoder)
            hash.AppendData("encoder"u8);
        var classes = ClassNames.Of(modelFolder);
        foreach (var name in classes ?? [])
            hash.AppendData(Encoding.UTF8.GetBytes($"class {name}\n"));
        return new TextTokenizer(file)
        {
            BosId = bos,
            EosId = eos,
            EndIds = SpecialIds.Ends(modelFolder, eos),
            HasEncoder = encoder,
            Classes = classes,
            Hash = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    /// <summary>The tokens of a text; added tokens written out in it are found. Special tokens: those that the tokenizer frames a text with.</summary>
    /// <exception cref="BadInputException">The tokenizer's own pattern does not come to an end on this text.</exception>
    public int[] Encode(string text, bool addSpecialTokens)
    {
        var ids = new List<int>(text.Length / 3 + 4);
        if (addSpecialTokens)
            ids.AddRange(_frame.Before);
        try
        {
            foreach (var stretch in _added.Find(text))
            {
                if (stretch.Id is { } id)
                    ids.Add(id);
                else
                    EncodePlain(text.AsMemory(stretch.Start, stretch.End - stretch.Start), ids);
            }
        }
        catch (RegexMatchTimeoutException endless)
        {
            throw new BadInputException("tokenizer.json: the pattern of pre_tokenizer did not come to an end on a text within a minute. Use the tokenizer that the model was made with.", endless);
        }
        if (addSpecialTokens)
            ids.AddRange(_frame.After);
        return [.. ids];
    }

    /// <summary>
    /// The text of tokens. Bytes that are not UTF-8 (a character cut in half) become U+FFFD, one for each longest part
    /// that could have begun a character. Ids that no token has are left out, as Hugging Face leaves them out.
    /// </summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (var id in ids)
        {
            if (id < 0 || id >= _bytesOfId.Length || (skipSpecialTokens && _special.Contains(id)))
                continue;
            if (_bytesOfId[id] is { } part)
                bytes.AddRange(part);
        }
        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    private void EncodePlain(ReadOnlyMemory<char> text, List<int> ids)
    {
        foreach (var word in _words.Split(text))
            _pairs.Encode(word.Span, ids);
    }
}
