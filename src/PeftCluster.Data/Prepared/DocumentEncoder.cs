using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// A document as rows that are learnt whole: what the tokenizer puts before a text, the text, the token of end. One that is longer than
/// max_length becomes several rows, each of which begins with the last token of the one before, since a row's first token is predicted by
/// nothing: so each token of the document is learnt once.
/// </summary>
internal sealed class DocumentEncoder(RowPlaces places, DataSpec data, TextTokenizer tokenizer) : ExampleEncoder(places)
{
    public override IEnumerable<EncodedRow> Encode(Example example)
    {
        List<int> tokens = [.. tokenizer.Prefix, .. tokenizer.Encode(example.Completion, addSpecialTokens: false)];
        if (tokenizer.EosId is { } eos)
            tokens.Add(eos);
        if (tokens.Count > data.MaxLength && data.OnTooLong == OnTooLong.Refuse)
            throw Bad(example, $"the document has {tokens.Count:N0} tokens, more than data.max_length {data.MaxLength:N0}. Shorten it, raise data.max_length, or set data.on_too_long: truncate, which cuts it into several rows.");
        if (tokens.Count < 2 && data.OnEmpty == OnEmpty.Refuse)
            throw Bad(example, $"the document is {tokens.Count} token long, and nothing predicts a first token. Drop the row, or set data.on_empty: skip.");
        if (tokens.Count > data.MaxLength && data.OnTooLong == OnTooLong.Skip)
        {
            LeaveOut($"the document has {tokens.Count:N0} tokens.");
            yield break;
        }
        if (tokens.Count < 2)
            LeaveOutEmpty("nothing predicts a first token, and there is no other.");
        for (var start = 0; start < tokens.Count - 1; start += data.MaxLength - 1)
        {
            var row = tokens.GetRange(start, Math.Min(data.MaxLength, tokens.Count - start));
            yield return new EncodedRow(row, [new LabelSpan(0, row.Count)]);
        }
    }
}
