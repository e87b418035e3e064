using System.Globalization;
using System.Text;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers.Models;
using PeftCluster.Data.Tokenizers.Normalizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>Reads spiece.model or tokenizer.model: a ModelProto of sentencepiece_model.proto, whose field numbers stand here.</summary>
internal sealed class SentencePieceFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly List<Piece> _pieces = [];
    private SentencePieceModel _model;

    private SentencePieceFile(string path)
    {
        _path = path;
        _model = new SentencePieceModel { Pieces = _pieces };
    }

    /// <exception cref="BadInputException">The file is damaged, or asks for what is not supported.</exception>
    public static SentencePieceModel Read(string path, ReadOnlySpan<byte> bytes)
    {
        var file = new SentencePieceFile(path);
        file.ReadModel(bytes);
        file.Check();
        return file._model;
    }

    private void ReadModel(ReadOnlySpan<byte> bytes)
    {
        var fields = new ProtobufReader(bytes);
        while (fields.Read())
        {
            switch (fields.Field)
            {
                case 1:
                    ReadPiece(fields.Bytes);
                    break;
                case 2:
                    ReadTrainer(fields.Bytes);
                    break;
                case 3:
                    ReadNormalizer(fields.Bytes);
                    break;
                case 5:
                    RefuseDenormalizer(fields.Bytes);
                    break;
            }
        }
        if (fields.IsDamaged || _pieces.Count == 0)
            throw Damaged();
    }

    private void ReadPiece(ReadOnlySpan<byte> message)
    {
        var (text, score, type) = ("", 0f, PieceType.Normal);
        var fields = new ProtobufReader(message);
        while (fields.Read())
        {
            switch (fields.Field)
            {
                case 1:
                    text = Text(fields.Bytes);
                    break;
                case 2:
                    score = fields.Single;
                    break;
                case 3:
                    type = (PieceType)fields.Number;
                    break;
            }
        }
        if (fields.IsDamaged || !float.IsFinite(score) || !Enum.IsDefined(type))
            throw Damaged();
        if (_pieces.Count >= TextTokenizer.MostTokens)
            throw Bad($"has more than {TextTokenizer.MostTokens} pieces.");
        _pieces.Add(new Piece(text, score, type));
    }

    private void ReadTrainer(ReadOnlySpan<byte> message)
    {
        var fields = new ProtobufReader(message);
        while (fields.Read())
        {
            _model = fields.Field switch
            {
                3 => _model with { Type = TypeOf(fields.Number) },
                24 => _model with { TreatWhitespaceAsSuffix = fields.Flag },
                35 => _model with { ByteFallback = fields.Flag },
                44 => _model with { UnknownSurface = Text(fields.Bytes) },
                46 => _model with { BosPiece = Text(fields.Bytes) },
                47 => _model with { EosPiece = Text(fields.Bytes) },
                _ => _model,
            };
        }
        if (fields.IsDamaged)
            throw Damaged();
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message)
    {
        var fields = new ProtobufReader(message);
        while (fields.Read())
        {
            _model = fields.Field switch
            {
                2 when !fields.Bytes.IsEmpty => _model with { Rules = CharacterMap.Read(fields.Bytes) ?? throw Damaged() },
                3 => _model with { AddDummyPrefix = fields.Flag },
                4 => _model with { RemoveExtraWhitespaces = fields.Flag },
                5 => _model with { EscapeWhitespaces = fields.Flag },
                _ => _model,
            };
        }
        if (fields.IsDamaged)
            throw Damaged();
    }

    private void RefuseDenormalizer(ReadOnlySpan<byte> message)
    {
        var fields = new ProtobufReader(message);
        while (fields.Read())
        {
            if (fields.Field == 2 && !fields.Bytes.IsEmpty)
                throw Bad($"rules of denormalization (denormalizer_spec) are not supported.");
        }
    }

    private PieceModelType TypeOf(ulong number) => number switch
    {
        1 => PieceModelType.Unigram,
        2 => PieceModelType.Bpe,
        3 => throw Bad($"the model type WORD is not supported. Known are UNIGRAM and BPE."),
        4 => throw Bad($"the model type CHAR is not supported. Known are UNIGRAM and BPE."),
        _ => throw Damaged(),
    };

    /// <summary>What SentencePiece itself checks when it opens a model.</summary>
    private void Check()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var piece in _pieces)
        {
            if (piece.Text.Length == 0)
                throw Bad($"has an empty piece.");
            if (!seen.Add(piece.Text))
                throw Bad($"has the piece \"{OneLine.Piece(piece.Text)}\" twice.");
        }
        if (_model.Ids(PieceType.Unknown).Count() != 1)
            throw Bad($"does not have one piece of the type UNKNOWN.");
        var bytes = _model.Ids(PieceType.Byte).ToList();
        if (_model.ByteFallback && bytes.Select(id => ByteTokens.ValueOf(_pieces[id].Text)).Distinct().Count(value => value is not null) != 256)
            throw Bad($"has byte_fallback, but not the 256 pieces of bytes.");
        if (bytes.FindIndex(id => ByteTokens.ValueOf(_pieces[id].Text) is null) is >= 0 and var wrong)
            throw Bad($"has the piece \"{OneLine.Piece(_pieces[bytes[wrong]].Text)}\" of the type BYTE, which names no byte.");
        if (_model.Type == PieceModelType.Bpe && _model.Find(PieceType.Unused) is { } unused)
            throw Bad($"has the piece \"{OneLine.Piece(_pieces[unused].Text)}\" of the type UNUSED, which is not supported in BPE.");
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Damaged();
        }
    }

    private BadInputException Damaged() => Bad($"is no SentencePiece model, or damaged. Copy the file again from where the model came from.");

    private BadInputException Bad(FormattableString what) => new(OneLine.Of($"{_path}: {what.ToString(CultureInfo.InvariantCulture)}"));
}
