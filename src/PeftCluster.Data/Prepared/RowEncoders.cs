using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tasks;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>Which encoder a job's rows need.</summary>
internal static class RowEncoders
{
    /// <param name="places">Where rows are, for messages.</param>
    /// <param name="data">The shape of the rows, and limits.</param>
    /// <param name="tokenizer">Makes the tokens, and knows what kind of model it is.</param>
    /// <param name="template">Makes texts of conversations; null: the rows are none.</param>
    /// <param name="task">Makes prompts and choices; null: the rows have none.</param>
    public static ExampleEncoder Of(RowPlaces places, DataSpec data, TextTokenizer tokenizer, ChatTemplate? template, DataTask? task) =>
        task is not null ? new ChoiceEncoder(places, data, tokenizer, task)
        : template is not null ? new ConversationEncoder(places, data, tokenizer, template)
        : data.Format == DataFormat.Text ? new DocumentEncoder(places, data, tokenizer)
        : new RowEncoder(places, data, tokenizer);

    /// <summary>Conversations and documents are one text that goes on; what reads a text first and answers then has no use for them.</summary>
    /// <exception cref="BadInputException">The model cannot learn from rows of this kind.</exception>
    public static void CheckModel(DataSpec data, TextTokenizer tokenizer, ChatTemplate? template)
    {
        if (data.Format == DataFormat.Preference)
            throw new BadInputException("data.format: preference: no loss of this version learns from pairs. Write the better answers as prompt and completion, or as messages.");
        if (data.Format == DataFormat.Choices && tokenizer.Classes is not null)
            throw new BadInputException("data.format: choices: a classifier names its own classes and ranks no answers. Give it rows of text and label (data.format: classification), or take a model that writes text.");
        var reader = tokenizer.HasEncoder ? "an encoder reads the prompt, and only its answer is predicted" : tokenizer.Classes is not null ? "a classifier reads one text and names its class" : null;
        if (reader is null)
            return;
        if (template is null && data.Format != DataFormat.Text && data.LossOn == LossOn.Everything)
            throw new BadInputException($"data.loss_on: everything means the prompt too, and the model cannot do that: {reader}. Set data.loss_on: assistant_turns.");
        var rows = template is not null ? "a conversation is one text in which the assistant's turns are predicted" : data.Format == DataFormat.Text ? "a document is predicted from its first token on" : null;
        if (rows is not null)
            throw new BadInputException($"data.{(data.ChatTemplate is null ? "format" : "chat_template")}: {rows}, and the model cannot do that: {reader}. Give it rows of prompt and completion, or take a decoder (llama, gpt2, …).");
    }
}
