using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tasks;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>All that makes tokens of a job's rows, the same for both of its sets.</summary>
/// <param name="Data">The shape of the rows, limits and policies.</param>
/// <param name="Tokenizer">Makes the tokens, and knows what kind of model it is.</param>
/// <param name="Chat">Makes texts of conversations; null: the rows are none.</param>
/// <param name="Task">Makes prompts and choices; null: the rows have none.</param>
internal sealed record RowMaking(DataSpec Data, TextTokenizer Tokenizer, ChatTemplate? Chat, DataTask? Task = null)
{
    /// <summary>How many neighbouring rows are one example.</summary>
    public int Variants => Task?.Templates.Count ?? 1;

    /// <summary>Makes rows of a file; for one thread.</summary>
    public ExampleEncoder Encoder(RowPlaces places) => RowEncoders.Of(places, Data, Tokenizer, Chat, Task);
}
