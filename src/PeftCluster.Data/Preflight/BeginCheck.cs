using PeftCluster.Data.Formats;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Preflight;

/// <summary>The token of begin twice: once from the tokenizer, once from the text or the template. The model has never seen that.</summary>
internal sealed class BeginCheck(RowSet set, TextTokenizer tokenizer) : IRowCheck
{
    private RowCount _twice = new(set);

    public void See(int row, ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans)
    {
        if (tokenizer.BosId is { } begin && tokens is [var first, var second, ..] && first == begin && second == begin)
            _twice.Add(row);
    }

    public IEnumerable<Finding> Findings => _twice.Rows == 0 ? [] :
    [
        new(FindingKind.BeginTwice, Severity.Warning,
            $"{_twice.Share} begin with \"{OneLine.Piece(tokenizer.NameOf(tokenizer.BosId!.Value))}\" twice, which the model has never seen {_twice.First}. The tokenizer puts it there by itself: take it out of the texts or the template."),
    ];
}
