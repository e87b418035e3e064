using System.Globalization;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// An example as tokens: what the tokenizer puts before a text, the prompt, for an encoder what it puts behind one, the completion, the
/// token of end. Prompt and completion are encoded apart, so that the prompt's tokens are those that generation will see. For a
/// classifier the completion is its class, which becomes one number behind the text's tokens.
/// </summary>
internal sealed class RowEncoder(RowPlaces places, DataSpec data, TextTokenizer tokenizer) : ExampleEncoder(places)
{
    private readonly List<int> _tokens = [];

    public override IEnumerable<EncodedRow> Encode(Example example) => (tokenizer.Classes is { } classes ? EncodeClass(example, classes) : EncodeAnswer(example)) is { } row ? [row] : [];

    /// <summary>The row's tokens, valid until the next call, and which of them carry labels; null: the row is left out.</summary>
    /// <exception cref="BadInputException">Too long, or nothing to learn, where the job refuses that.</exception>
    /// <exception cref="RowRefused">The model cannot use it.</exception>
    private EncodedRow? EncodeAnswer(Example example)
    {
        _tokens.Clear();
        _tokens.AddRange(tokenizer.Prefix);
        _tokens.AddRange(tokenizer.Encode(example.Prompt, addSpecialTokens: false));
        _tokens.AddRange(tokenizer.PromptEnd);
        var promptLength = _tokens.Count;
        if (tokenizer.HasEncoder && promptLength == 0)
            throw new RowRefused("the prompt is empty, and the model's encoder needs something to read. Give the row a prompt, or drop it.");
        _tokens.AddRange(tokenizer.Encode(example.Completion, addSpecialTokens: false));
        if (tokenizer.EosId is { } eos)
            _tokens.Add(eos);

        var tooLong = _tokens.Count > data.MaxLength;
        if (tooLong && data.OnTooLong == OnTooLong.Refuse)
            throw Bad(example, $"the row has {_tokens.Count:N0} tokens, more than data.max_length {data.MaxLength:N0}. Shorten it, raise data.max_length, or set data.on_too_long: truncate.");
        if (tooLong && data.OnTooLong == OnTooLong.Skip)
            return TooLong(_tokens.Count);
        if (tooLong)
            _tokens.RemoveRange(data.MaxLength, _tokens.Count - data.MaxLength);

        var spans = Learnt(promptLength);
        if (LabelSpan.Labels(spans) <= 0)
        {
            if (data.OnEmpty == OnEmpty.Refuse)
                throw NothingToLearn(example, promptLength);
            LeaveOutEmpty("every label is masked.");
            return null;
        }
        if (tooLong)
            Truncated++;
        return new EncodedRow(_tokens, spans);
    }

    /// <summary>The completion, or also the prompt: then as a span of its own, so that the last one begins where the completion does.</summary>
    private LabelSpan[] Learnt(int promptLength)
    {
        var completion = new LabelSpan(promptLength, _tokens.Count);
        if (data.LossOn != LossOn.Everything || promptLength == 0)
            return [completion];
        return promptLength < _tokens.Count ? [new LabelSpan(0, promptLength), completion] : [new LabelSpan(0, _tokens.Count)];
    }

    private EncodedRow? TooLong(int length)
    {
        LeaveOut($"the row has {length:N0} tokens.");
        return null;
    }

    private EncodedRow? EncodeClass(Example example, IReadOnlyList<string> classes)
    {
        var number = ClassOf(example, classes);
        _tokens.Clear();
        _tokens.AddRange(tokenizer.Prefix);
        _tokens.AddRange(tokenizer.Encode(example.Prompt, addSpecialTokens: false));
        var end = tokenizer.PromptEnd;
        if (_tokens.Count + end.Count == 0)
            throw new RowRefused("the prompt is empty, and the model's encoder needs something to read. Give the row a prompt, or drop it.");
        // What ends the text and the class stay: a text that is too long loses its own last tokens.
        var (length, most) = (_tokens.Count + end.Count + 1, Math.Max(1, data.MaxLength - end.Count - 1));
        if (length > data.MaxLength && data.OnTooLong == OnTooLong.Refuse)
            throw Bad(example, $"the row has {length:N0} tokens, its class counted, more than data.max_length {data.MaxLength:N0}. Shorten it, raise data.max_length, or set data.on_too_long: truncate.");
        if (length > data.MaxLength && data.OnTooLong == OnTooLong.Skip)
            return TooLong(length);
        if (length > data.MaxLength)
        {
            _tokens.RemoveRange(most, _tokens.Count - most);
            Truncated++;
        }
        _tokens.AddRange(end);
        _tokens.Add(number);
        return new EncodedRow(_tokens, [new LabelSpan(_tokens.Count - 1, _tokens.Count)]);
    }

    private static int ClassOf(Example example, IReadOnlyList<string> classes)
    {
        var answer = example.Completion.Trim();
        for (var number = 0; number < classes.Count; number++)
        {
            if (classes[number] == answer)
                return number;
        }
        if (int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given < classes.Count)
            return given;
        var shown = OneLine.Of(string.Join(", ", classes.Take(20))) + (classes.Count > 20 ? ", …" : "");
        throw new RowRefused($"\"{OneLine.Piece(answer)}\" is no class of the model. It has: {shown} (id2label in config.json).");
    }

    private BadInputException NothingToLearn(Example example, int promptLength) => promptLength >= data.MaxLength
        ? Bad(example, $"every label is masked: the prompt alone has {promptLength:N0} tokens, and data.max_length is {data.MaxLength:N0}. Shorten the prompt, raise data.max_length, or set data.on_empty: skip.")
        : Bad(example, $"every label is masked: the row is one token, and nothing comes before it. Give it a prompt, or set data.on_empty: skip.");
}
