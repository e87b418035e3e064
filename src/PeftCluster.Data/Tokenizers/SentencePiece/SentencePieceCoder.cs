using System.Buffers;
using System.Text;
using PeftCluster.Data.Tokenizers.Models;
using PeftCluster.Data.Tokenizers.Normalizers;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>
/// A SentencePiece model with the tokens that transformers adds to it. Without added tokens its ids and texts are those of
/// SentencePiece itself, where "&lt;/s&gt;" in a text is seven letters. With them, each stretch between two is a text of its own
/// (transformers' legacy way), or all are one text (legacy: false), where only the first gets a space before it.
/// </summary>
internal sealed class SentencePieceCoder : ITextCoder
{
    private static readonly byte[] Replacement = [.. "\uFFFD"u8];

    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly PieceEncoder _pieces;
    private readonly AddedTokens _added;
    private readonly bool _legacy;
    private readonly Dictionary<string, int> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _addedById = [];

    public SentencePieceCoder(SentencePieceModel model, IReadOnlyList<AddedToken> added, bool legacy)
    {
        _model = model;
        _normalizer = new SentencePieceNormalizer(model);
        _pieces = (model.Type == PieceModelType.Bpe ? new BytePairPieces(model) : (IPieceModel)new UnigramPieces(model)).Encode;
        _added = new AddedTokens(added, new NormalizerSequence([]));
        _legacy = legacy;
        foreach (var (id, piece) in model.Pieces.Index())
            _tokens[piece.Text] = id;
        foreach (var token in added)
        {
            _tokens[token.Text] = token.Id;
            _addedById[token.Id] = token;
        }
        VocabularySize = Math.Max(model.Pieces.Count, added.Select(token => token.Id + 1).DefaultIfEmpty().Max());
    }

    public IReadOnlyDictionary<string, int> Tokens => _tokens;

    public int VocabularySize { get; }

    public void Encode(string text, TokenList tokens) => _added.Split(text, tokens, plain =>
    {
        var normalized = _normalizer.Normalize(plain, inside: !_legacy && !plain.First);
        if (normalized.Text.Length > 0)
            tokens.Add(normalized.Piece(0, normalized.Text.Length, plain.First), _pieces);
    });

    public bool Shows(int id, bool skipSpecialTokens) => _addedById.TryGetValue(id, out var token)
        ? !(skipSpecialTokens && token.Special)
        : id >= 0 && id < _model.Pieces.Count && _model.Pieces[id].Type != PieceType.Control;

    /// <summary>SentencePiece's decoding (sentencepiece_processor.cc): control pieces are nothing, bytes in a row are read character by character.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var (text, bytes, atStart, startSeen) = (new StringBuilder(), new List<byte>(), true, false);
        foreach (var id in ids)
        {
            var isPiece = id >= 0 && id < _model.Pieces.Count && !_addedById.ContainsKey(id);
            if (isPiece && _model.Pieces[id].Type == PieceType.Byte)
            {
                bytes.Add(ByteTokens.ValueOf(_model.Pieces[id].Text)!.Value);
                continue;
            }
            Flush(bytes, text);
            if (startSeen || text.Length > 0)
                atStart = false;
            if (isPiece)
                text.Append(TextOf(_model.Pieces[id], atStart, out startSeen));
            else if (Shows(id, skipSpecialTokens))
                text.Append(_addedById[id].Text);
        }
        Flush(bytes, text);
        return text.ToString();
    }

    private string TextOf(Piece piece, bool atStart, out bool startSeen)
    {
        startSeen = false;
        if (piece.Type is PieceType.Control or PieceType.Unknown)
            return piece.Type == PieceType.Control ? "" : _model.UnknownSurface;
        var text = piece.Text;
        if (atStart && text.StartsWith('▁') && (_model.AddDummyPrefix || _model.RemoveExtraWhitespaces))
        {
            text = text[1..];
            // Where spaces are dropped, all of the first ones are.
            startSeen = !_model.RemoveExtraWhitespaces;
        }
        return text.Replace('▁', ' ');
    }

    private static void Flush(List<byte> bytes, StringBuilder text)
    {
        if (bytes.Count == 0)
            return;
        ReadOnlySpan<byte> rest = bytes.ToArray();
        var whole = new List<byte>(bytes.Count);
        while (!rest.IsEmpty)
        {
            var done = Rune.DecodeFromUtf8(rest, out _, out var length) == OperationStatus.Done;
            length = done ? length : 1;
            whole.AddRange(done ? rest[..length] : Replacement);
            rest = rest[length..];
        }
        text.Append(Encoding.UTF8.GetString([.. whole]));
        bytes.Clear();
    }
}
