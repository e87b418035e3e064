using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.TFew.Make.Tasks;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.TFew.Make.Pretraining;

/// <summary>Rows in tokens: a prompt as the encoder reads it, an answer as the decoder writes it, each with the token of end.</summary>
internal static class PromptBatch
{
    /// <summary>Prompts with their right answers.</summary>
    public static LearntBatch Of(ILanguageModel model, TextTokenizer tokenizer, IReadOnlyList<Row> rows)
    {
        int[][] prompts = [.. rows.Select(row => tokenizer.Encode(row.Prompt, addSpecialTokens: true))];
        int[][] answers = [.. rows.Select(row => tokenizer.Encode(row.Answer, addSpecialTokens: true))];
        int[][] both = [.. prompts.Zip(answers, (prompt, answer) => (int[])[.. prompt, .. answer])];
        var batch = new PromptRows(rows.Count, row => both[row], row => prompts[row].Length);
        return new LearntBatch(
            () => model.Labelled(batch).Logits(),
            tensor(answers.SelectMany(answer => answer).Select(id => (long)id).ToArray()),
            [.. answers.SelectMany((answer, row) => answer.Select(_ => row))]);
    }

    /// <summary>Prompts with all of their answer choices.</summary>
    public static ChoiceRows Choices(TextTokenizer tokenizer, IReadOnlyList<Row> rows) => new([.. rows.Select(row => new ChoiceExample(
        tokenizer.Encode(row.Prompt, addSpecialTokens: true),
        [.. row.Choices.Select(choice => tokenizer.Encode(choice, addSpecialTokens: true))],
        row.Right))]);
}
