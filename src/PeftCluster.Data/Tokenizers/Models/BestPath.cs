using System.Buffers;
using System.Text;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>A token and the part of the text that it covers.</summary>
internal readonly record struct PathStep(int Start, int End, int Id);

/// <summary>
/// Viterbi's algorithm for unigram models (Kudo, arXiv 1804.10959): of all ways to write a text in tokens the one whose
/// log-probabilities have the largest sum, the first found of equals. A character that is no token by itself may also be
/// unknown. Sums are rounded where the reference rounds them, since near ties hang on that: <c>tokenizers</c> keeps
/// doubles; SentencePiece adds in double and keeps single.
/// </summary>
/// <param name="trie">The tokens.</param>
/// <param name="scores">Log-probability of each id.</param>
/// <param name="unknown">What an unknown character is, and its score; null: there may be none.</param>
/// <param name="single">Sums are kept as SentencePiece keeps them.</param>
internal sealed class BestPath(TokenTrie trie, double[] scores, (int Id, double Score)? unknown, bool single)
{
    private struct Node
    {
        public double Score;
        public int Start;
        public int Id;
    }

    /// <summary>Appends the steps of the best path.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="score">The sum so far; the path's end adds to it.</param>
    /// <param name="path">Takes the steps, from left to right.</param>
    /// <returns>False where a character is unknown and none may be.</returns>
    public bool Find(ReadOnlySpan<char> text, ref double score, List<PathStep> path)
    {
        var rented = ArrayPool<Node>.Shared.Rent(text.Length + 1);
        try
        {
            var nodes = rented.AsSpan(0, text.Length + 1);
            nodes.Fill(new Node { Start = -1 });
            nodes[0].Score = score;
            for (var at = 0; at < text.Length;)
            {
                Rune.DecodeFromUtf16(text[at..], out _, out var length);
                if (!Extend(nodes, text, at, length))
                    return false;
                at += length;
            }
            score = nodes[^1].Score;
            TraceBack(nodes, path);
            return true;
        }
        finally
        {
            ArrayPool<Node>.Shared.Return(rented);
        }
    }

    /// <summary>Every token that begins at a place, against the best that ended where it ends.</summary>
    private bool Extend(Span<Node> nodes, ReadOnlySpan<char> text, int start, int runeLength)
    {
        var (soFar, alone, place) = (nodes[start].Score, false, TokenTrie.Root);
        for (var end = start + 1; end <= text.Length; end++)
        {
            place = trie.Step(place, text[end - 1]);
            if (place < 0)
                break;
            if (trie.IdAt(place) is not (>= 0 and var id))
                continue;
            Offer(ref nodes[end], start, id, scores[id] + soFar);
            alone |= end == start + runeLength;
        }
        if (alone)
            return true;
        ref var node = ref nodes[start + runeLength];
        if (unknown is not (var unknownId, var unknownScore))
            return node.Start >= 0;
        Offer(ref node, start, unknownId, single ? (float)(unknownScore + soFar) : unknownScore + soFar);
        return true;
    }

    private void Offer(ref Node node, int start, int id, double sum)
    {
        if (node.Start < 0 || sum > node.Score)
            node = new Node { Score = single ? (float)sum : sum, Start = start, Id = id };
    }

    private static void TraceBack(ReadOnlySpan<Node> nodes, List<PathStep> path)
    {
        var first = path.Count;
        for (var end = nodes.Length - 1; end > 0; end = nodes[end].Start)
            path.Add(new PathStep(nodes[end].Start, end, nodes[end].Id));
        path.Reverse(first, path.Count - first);
    }
}
