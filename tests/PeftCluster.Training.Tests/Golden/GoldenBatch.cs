using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>
/// A golden batch as rows of prompt and completion. For a decoder a row is its ids, labels from the third on; for an encoder's model the ids
/// are the prompt and the labels the completion, for a classifier the class.
/// </summary>
internal sealed class GoldenBatch
{
    private readonly (int[] Tokens, int Prompt)[] _rows;

    public GoldenBatch(Dictionary<string, Tensor> expected, ModelConfig config)
    {
        int[][] ids = [.. Row(expected["input_ids"]).Zip(Row(expected["attention_mask"]), (all, mask) => all.Where((_, place) => mask[place] == 1).ToArray())];
        var labels = config.Task == PeftTask.Classification ? [] : Row(expected["labels"]);
        _rows = config.Task == PeftTask.Classification ? [.. ids.Select((text, row) => ((int[])[.. text, (int)expected["labels"][row].item<long>()], text.Length))]
            : config.Task == PeftTask.EncoderDecoder ? [.. ids.Zip(labels, (source, target) => ((int[])[.. source, .. target.Where(id => id != -100)], source.Length))]
            : [.. ids.Zip(labels, (tokens, label) => (tokens, Array.FindIndex(label, id => id != -100)))];
        Prompts = ids;
        Rows = new PromptRows(_rows.Length, row => _rows[row].Tokens, row => _rows[row].Prompt);
        Seen = (config.Task == PeftTask.CausalLanguageModel ? expected["attention_mask"] : expected["labels"].ne(-100)).to(ScalarType.Float32).unsqueeze(-1);
    }

    /// <summary>What an answer follows: a decoder's rows, an encoder's sources.</summary>
    public int[][] Prompts { get; }

    public PromptRows Rows { get; }

    /// <summary>1 where logits mean something, [B, T, 1]; for a classifier [B, 1].</summary>
    public Tensor Seen { get; }

    /// <summary>The logits that transformers gave too, [B, T, V]; for a classifier [B, C].</summary>
    public Tensor Logits(IModel model)
    {
        if (model is not ILanguageModel language)
            return model.Labelled(Rows).Logits();
        var rows = language.Begin(Rows);
        return rows.Model.Logits(Hidden(rows).narrow(1, 0, Seen.shape[1]));
    }

    /// <summary>What the batch's loss is made of.</summary>
    public LabelledStates Labelled(IModel model)
    {
        if (model is not ILanguageModel language)
            return model.Labelled(Rows);
        var rows = language.Begin(Rows);
        var places = LabelledPlaces.Of(rows);
        return new LabelledStates(places.Select(language.Head.Read(Hidden(rows))), places, language.Head);
    }

    /// <summary>Hidden states as in transformers.</summary>
    private Tensor Hidden(CausalRows rows) => rows.Model.Hidden(rows.Ids(), lengths: Lengths);

    /// <summary>The rows' lengths as transformers takes them: all rows of a padded batch are as long as the longest.</summary>
    public int[] Lengths => [.. Enumerable.Repeat((int)Seen.shape[1], Rows.Count)];

    private static int[][] Row(Tensor whole) => [.. Enumerable.Range(0, (int)whole.shape[0]).Select(row => whole[row].data<long>().Select(id => (int)id).ToArray())];
}
