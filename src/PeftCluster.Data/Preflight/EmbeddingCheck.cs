using System.Globalization;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Preflight;

/// <summary>
/// Tokens that the model's embedding does not have: those of another model's tokenizer, or tokens (often one for padding) that somebody added without
/// making the embedding larger. On a GPU they end in a fault that names no row.
/// </summary>
internal sealed class EmbeddingCheck(RowSet set, TextTokenizer tokenizer, int embedding) : IRowCheck
{
    private RowCount _beyond = new(set);
    private int _highest;

    public void See(int row, ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans)
    {
        // A classifier's row ends in the number of its class, which is no token.
        if (tokenizer.Classes is not null)
            tokens = tokens[..^1];
        var most = 0;
        foreach (var token in tokens)
            most = Math.Max(most, token);
        if (most < embedding)
            return;
        if (_beyond.Rows == 0)
            _highest = most;
        _beyond.Add(row);
    }

    public IEnumerable<Finding> Findings => _beyond.Rows == 0 ? [] :
    [
        new(FindingKind.BeyondEmbedding, Severity.Refused, string.Create(CultureInfo.InvariantCulture,
            $"{_beyond.Share} have tokens that the model's embedding does not have: id {_highest} (\"{OneLine.Piece(tokenizer.NameOf(_highest))}\"), and vocab_size in config.json is {embedding} {_beyond.First}. Take the tokenizer that the model was made with, or save the model with a larger embedding (resize_token_embeddings).")),
    ];

    /// <summary>What no row uses is no reason to refuse, but the next row may.</summary>
    public static Finding? Unused(string model, TextTokenizer tokenizer, int embedding) => tokenizer.VocabularySize <= embedding
        ? null
        : new(FindingKind.TokensAdded, Severity.Warning, string.Create(CultureInfo.InvariantCulture,
            $"{model}: the tokenizer has tokens up to id {tokenizer.VocabularySize - 1} (\"{OneLine.Piece(tokenizer.NameOf(tokenizer.VocabularySize - 1))}\"), and vocab_size in config.json is {embedding}. No row uses those above it, and none may: take them out of the tokenizer, or save the model with a larger embedding (resize_token_embeddings)."));
}
