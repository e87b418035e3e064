using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Prepared;

/// <summary>A job's data, ready to be trained on: rows as tokens, the tokenizer that made them, and what was found on the way.</summary>
/// <param name="Train">The training rows.</param>
/// <param name="Eval">The held-out rows, or null without data.eval.</param>
/// <param name="Tokenizer">The base model's tokenizer.</param>
/// <param name="Report">What people should know.</param>
/// <param name="InputKey">The hash of all that decided these tokens, 64 hex digits.</param>
public sealed record PreparedData(
    PreparedRows Train, PreparedRows? Eval, TextTokenizer Tokenizer, PreparationReport Report, string InputKey) : IDisposable
{
    public void Dispose()
    {
        Train.Dispose();
        Eval?.Dispose();
    }
}
