namespace PeftCluster.Data.Tokenizers;

/// <summary>Text to ids and back: what a tokenizer.json or a SentencePiece model comes to. Threads may share one.</summary>
internal interface ITextCoder
{
    /// <summary>Every token and its id, added ones too.</summary>
    IReadOnlyDictionary<string, int> Tokens { get; }

    /// <summary>The highest id plus one.</summary>
    int VocabularySize { get; }

    /// <summary>Appends the tokens of a text, without those that frame it.</summary>
    void Encode(string text, TokenList tokens);

    /// <summary>The text of tokens. Ids that no token has are left out.</summary>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens);

    /// <summary>Whether a token has a part in decoded text.</summary>
    bool Shows(int id, bool skipSpecialTokens);
}
