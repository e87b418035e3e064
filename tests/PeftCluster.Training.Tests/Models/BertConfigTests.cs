using PeftCluster.Jobs;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.Bert;

namespace PeftCluster.Training.Tests.Models;

/// <summary>What config.json says of a BERT or RoBERTa that classifies.</summary>
public sealed class BertConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Missing_keys_take_the_defaults_of_transformers()
    {
        var bert = Load("{\"model_type\":\"bert\"}");
        Assert.Equal((30522, 768, 12, 12, 3072, 512, 2), (bert.VocabularySize, bert.HiddenSize, bert.Layers, bert.Heads, bert.IntermediateSize, bert.ContextLength, bert.TokenTypes));
        Assert.Equal(["LABEL_0", "LABEL_1"], bert.Classes);
        Assert.Equal(109_483_778, bert.Parameters); // bert-base-uncased with a head of two classes
        var roberta = Load("{\"model_type\":\"roberta\",\"max_position_embeddings\":514,\"type_vocab_size\":1,\"id2label\":{\"0\":\"no\",\"1\":\"yes\",\"2\":\"perhaps\"}}");
        Assert.Equal((512, 1, "classifier.out_proj"), (roberta.ContextLength, roberta.PaddingPlace, roberta.HeadPath));
        Assert.Equal(["no", "yes", "perhaps"], roberta.Classes);
        Assert.Equal(PeftTask.Classification, roberta.Task);
    }

    [Theory]
    [InlineData("\"is_decoder\":true", "config.json: is_decoder: true is not supported; this family's layers have none here.")]
    [InlineData("\"position_embedding_type\":\"relative_key\"", "config.json: position_embedding_type \"relative_key\" is not supported; only absolute is.")]
    [InlineData("\"problem_type\":\"regression\"", "config.json: problem_type \"regression\" is not supported; only single_label_classification is.")]
    [InlineData("\"id2label\":{\"0\":\"score\"}", "config.json: id2label with one class is not supported; at least two are: one number is a regression, which is not computed.")]
    [InlineData("\"id2label\":[]", "config.json: id2label: is no object.")]
    [InlineData("\"num_attention_heads\":7", "config.json: hidden_size: 768 is not a multiple of num_attention_heads, 7.")]
    public void What_is_not_computed_is_refused_in_one_line(string key, string line) =>
        Assert.Equal(_folder.File(line), Assert.Throws<BadInputException>(() => Load("{\"model_type\":\"bert\"," + key + "}")).Message);

    private BertConfig Load(string json)
    {
        File.WriteAllText(_folder.File("config.json"), json);
        return Assert.IsType<BertConfig>(ModelConfigFile.Load(_folder.Path));
    }
}
