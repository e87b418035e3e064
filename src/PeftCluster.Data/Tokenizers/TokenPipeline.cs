using PeftCluster.Data.Tokenizers.Decoders;
using PeftCluster.Data.Tokenizers.Models;
using PeftCluster.Data.Tokenizers.Normalizers;
using PeftCluster.Data.Tokenizers.PreTokenizers;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// What tokenizer.json describes, stage after stage: added tokens are found, the rest is normalized, cut, and turned into
/// tokens by the model; back, tokens' texts go through the decoder. Each stage is a list of small components with the
/// names that Hugging Face's <c>tokenizers</c> gives them.
/// </summary>
internal sealed class TokenPipeline : ITextCoder
{
    private readonly AddedTokens _added;
    private readonly IPreTokenizer _words;
    private readonly PieceEncoder _model;
    private readonly IDecoder _decoder;
    private readonly Dictionary<string, int> _tokens;
    private readonly string?[] _textOfId;
    private readonly HashSet<string> _special;

    public TokenPipeline(INormalizer normalizer, IReadOnlyCollection<AddedToken> added, IPreTokenizer words, ITokenModel model, IDecoder decoder)
    {
        _added = new AddedTokens(added, normalizer);
        _words = words;
        _model = model.Encode;
        _decoder = decoder;
        _special = [.. added.Where(token => token.Special).Select(token => token.Text)];
        _tokens = new Dictionary<string, int>(model.Vocabulary, StringComparer.Ordinal);
        _textOfId = new string?[model.Vocabulary.Values.Concat(added.Select(token => token.Id)).Append(-1).Max() + 1];
        foreach (var (token, id) in model.Vocabulary)
            _textOfId[id] = token;
        foreach (var token in added)
        {
            _tokens[token.Text] = token.Id;
            _textOfId[token.Id] = token.Text;
        }
    }

    public IReadOnlyDictionary<string, int> Tokens => _tokens;

    public int VocabularySize => _textOfId.Length;

    public void Encode(string text, TokenList tokens) => _added.Split(text, tokens, plain =>
        _words.Split(plain, piece =>
        {
            if (!piece.Text.IsEmpty)
                tokens.Add(piece, _model);
        }));

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (Shows(id, skipSpecialTokens))
                tokens.Add(_textOfId[id]!);
        }
        return string.Concat(_decoder.Decode(tokens));
    }

    public bool Shows(int id, bool skipSpecialTokens) =>
        id >= 0 && id < _textOfId.Length && _textOfId[id] is { } token && !(skipSpecialTokens && _special.Contains(token));
}
