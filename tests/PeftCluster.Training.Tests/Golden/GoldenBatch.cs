using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>
/// A golden batch as rows of prompt and completion. For a decoder a row is its ids, labels from the third on; for an encoder's model the ids
/// are the prompt and the labels the completion.
/// </summary>
internal sealed class GoldenBatch
{
    private readonly (int[] Tokens, int Prompt)[] _rows;

    public GoldenBatch(Dictionary<string, Tensor> expected, ModelConfig config)
    {
        int[][] ids = [.. Row(expected["input_ids"]).Zip(Row(expected["attention_mask"]), (all, mask) => all.Where((_, place) => mask[place] == 1).ToArray())];
        var labels = Row(expected["labels"]);
        _rows = config.Task == PeftTask.EncoderDecoder
            ? [.. ids.Zip(labels, (source, target) => ((int[])[.. source, .. target.Where(id => id != -100)], source.Length))]
            : [.. ids.Zip(labels, (tokens, label) => (tokens, Array.FindIndex(label, id => id != -100)))];
        Prompts = ids;
        Rows = new PromptRows(_rows.Length, row => _rows[row].Tokens, row => _rows[row].Prompt);
        Seen = (config.Task == PeftTask.EncoderDecoder ? expected["labels"].ne(-100) : expected["attention_mask"]).to(ScalarType.Float32).unsqueeze(-1);
    }

    /// <summary>What an answer follows: a decoder's rows, an encoder's sources.</summary>
    public int[][] Prompts { get; }

    public PromptRows Rows { get; }

    /// <summary>1 where logits mean something, [B, T, 1].</summary>
    public Tensor Seen { get; }

    /// <summary>The logits that transformers gave too, [B, T, V].</summary>
    public Tensor Logits(ILanguageModel model)
    {
        var rows = model.Begin(Rows);
        return rows.Model.Logits(Hidden(rows).narrow(1, 0, Seen.shape[1]));
    }

    /// <summary>Hidden states as in transformers, for which all rows of a padded batch are as long as the longest.</summary>
    public Tensor Hidden(CausalRows rows) => rows.Model.Hidden(rows.Ids(), lengths: [.. Enumerable.Repeat((int)Seen.shape[1], rows.Count)]);

    private static int[][] Row(Tensor whole) => [.. Enumerable.Range(0, (int)whole.shape[0]).Select(row => whole[row].data<long>().Select(id => (int)id).ToArray())];
}
