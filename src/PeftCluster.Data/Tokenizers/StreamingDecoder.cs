using System.Runtime.InteropServices;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// The text of tokens as they come: whole characters only, since a character's bytes may lie in several tokens. What was
/// given last stays as context, because a token's text can depend on the one before it (a first ▁ is dropped, a word gets
/// a space); so a step costs the same however long the text is. The pieces together are what decoding all tokens at once
/// gives, unless they hold bytes that are no text: those may become fewer or more U+FFFD.
/// </summary>
public sealed class StreamingDecoder(TextTokenizer tokenizer, bool skipSpecialTokens)
{
    private const char Unfinished = '\uFFFD';

    private readonly List<int> _tokens = [];
    private int _context;

    /// <summary>Takes a token and gives the text that is whole now; often nothing.</summary>
    public string Add(int token)
    {
        // A token without text would be no context.
        if (!tokenizer.Shows(token, skipSpecialTokens))
            return "";
        _tokens.Add(token);
        var (before, now) = Texts();
        if (now.Length <= before.Length || now[^1] == Unfinished)
            return "";
        // Context without text (a lone ▁ at the beginning) would be no context either.
        if (tokenizer.Decode(CollectionsMarshal.AsSpan(_tokens)[_context..], skipSpecialTokens).Length > 0)
            _tokens.RemoveRange(0, _context);
        _context = _tokens.Count;
        return now[before.Length..];
    }

    /// <summary>What is left: a character that was never finished, as U+FFFD.</summary>
    public string End()
    {
        var (before, now) = Texts();
        _tokens.Clear();
        _context = 0;
        return now.Length > before.Length ? now[before.Length..] : "";
    }

    private (string Before, string Now) Texts()
    {
        var tokens = CollectionsMarshal.AsSpan(_tokens);
        return (tokenizer.Decode(tokens[.._context], skipSpecialTokens), tokenizer.Decode(tokens, skipSpecialTokens));
    }
}
