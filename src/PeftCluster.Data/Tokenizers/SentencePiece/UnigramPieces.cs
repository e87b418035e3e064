using System.Text;
using PeftCluster.Data.Tokenizers.Models;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's unigram model (unigram_model.cc, EncodeOptimized): the best path through the whole text. It is walked
/// from border to border, the sum going on across, so that memory stays that of a word and rounding that of the reference.
/// </summary>
internal sealed class UnigramPieces : IPieceModel
{
    private const float UnknownPenalty = 10;

    /// <summary>The smallest positive float, where the reference's search for the largest score begins (FLT_MIN).</summary>
    private const float LeastScore = 1.17549435e-38f;

    private readonly BestPath _best;
    private readonly Borders _borders;
    private readonly UnknownPieces _unknown;

    public UnigramPieces(SentencePieceModel model)
    {
        var normal = model.Ids(PieceType.Normal).Select(id => model.Pieces[id].Score).ToList();
        var (least, most) = (normal.DefaultIfEmpty(float.MaxValue).Min(), normal.Append(LeastScore).Max());
        var scores = new double[model.Pieces.Count];
        var trie = new TokenTrie();
        foreach (var id in model.Ids(PieceType.Normal, PieceType.UserDefined))
        {
            var piece = model.Pieces[id];
            trie.Add(piece.Text, id);
            // A user-defined piece gets so much that it is always taken.
            scores[id] = piece.Type == PieceType.UserDefined ? (float)(Encoding.UTF8.GetByteCount(piece.Text) * most) - 0.1 : piece.Score;
        }
        _unknown = new UnknownPieces(model);
        _best = new BestPath(trie, scores, (_unknown.Id, (float)(least - UnknownPenalty)), single: true);
        _borders = new Borders(model.Ids(PieceType.Normal, PieceType.UserDefined).Select(id => model.Pieces[id].Text));
    }

    public void Encode(ReadOnlySpan<char> text, List<int> ids, List<TextSpan>? covers)
    {
        var (score, path, afterUnknown, offset) = (0.0, new List<PathStep>(), false, 0);
        while (offset < text.Length)
        {
            var part = text.Slice(offset, _borders.Next(text[offset..]));
            path.Clear();
            _best.Find(part, ref score, path);
            foreach (var step in path)
            {
                var cover = new TextSpan(offset + step.Start, offset + step.End);
                if (step.Id != _unknown.Id)
                {
                    ids.Add(step.Id);
                    covers?.Add(cover);
                }
                else
                {
                    Rune.DecodeFromUtf16(part[step.Start..], out var character, out _);
                    _unknown.Add(character, cover, afterUnknown, ids, covers);
                }
                afterUnknown = step.Id == _unknown.Id;
            }
            offset += part.Length;
        }
    }
}
