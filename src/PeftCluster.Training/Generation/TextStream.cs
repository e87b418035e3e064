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
    private const char Unfinished = '\uFFFD';

    private readonly List<int> _tokens = [];
    private int _written;

    /// <summary>The answer so far.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Takes a token.</summary>
    /// <returns>Whether the answer goes on.</returns>
    public bool Add(int token)
    {
        _tokens.Add(token);
        Text = tokenizer.Decode(_tokens.ToArray(), skipSpecialTokens: true);
        var stop = stops.Select(text => Text.IndexOf(text, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (stop >= 0)
            Text = Text[..stop];
        else if (write is not null)
            Write(Text.TrimEnd(Unfinished).Length - Begun());
        return stop < 0;
    }

    /// <summary>Writes what is left.</summary>
    public void End() => Write(Text.Length);

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
