using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Training.Generation;

/// <summary>
/// The text of an answer as its tokens come: whole letters only, since a letter's bytes may lie in several tokens, and no further than a
/// text that ends it.
/// </summary>
/// <param name="tokenizer">What tokens mean.</param>
/// <param name="stops">Texts that end an answer and are no part of it.</param>
/// <param name="write">Takes each new piece; null: nobody listens.</param>
internal sealed class TextStream(TextTokenizer tokenizer, IReadOnlyList<string> stops, Action<string>? write)
{
    private readonly StreamingDecoder _decoder = new(tokenizer, skipSpecialTokens: true);
    private int _written;
    private bool _stopped;

    /// <summary>The answer so far.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Takes a token.</summary>
    /// <returns>Whether the answer goes on.</returns>
    public bool Add(int token)
    {
        Take(_decoder.Add(token));
        if (!_stopped)
            Write(Text.Length - Begun());
        return !_stopped;
    }

    /// <summary>Writes what is left.</summary>
    public void End()
    {
        if (!_stopped)
            Take(_decoder.End());
        Write(Text.Length);
    }

    private void Take(string piece)
    {
        Text += piece;
        var stop = stops.Select(text => Text.IndexOf(text, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        _stopped = stop >= 0;
        if (_stopped)
            Text = Text[..stop];
    }

    private void Write(int until)
    {
        if (until <= _written)
            return;
        write?.Invoke(Text[_written..until]);
        _written = until;
    }

    // Letters at the end that may be the start of a text that ends the answer.
    private int Begun()
    {
        for (var length = Math.Min(Text.Length, stops.Select(text => text.Length).DefaultIfEmpty(0).Max()); length > 0; length--)
        {
            if (stops.Any(text => text.StartsWith(Text[^length..], StringComparison.Ordinal)))
                return length;
        }
        return 0;
    }
}
