using PeftCluster.Training.Costs;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Peft;

namespace PeftCluster.Training.Tests.Costs;

/// <summary>Weights that a token passes, worked out from what config.json says.</summary>
public sealed class ModelPartsTests
{
    [Fact]
    public void T0_3B_has_an_encoder_a_decoder_and_keys_and_values_between()
    {
        var parts = ModelParts.Of(PublishedShapes.Of("t0-3b"));
        // D = 2048, 32 heads of 64, so every layer of attention is 2048 · 2048; two inputs and one output of the feed-forward, 2048 · 5120; 24 layers.
        Assert.Equal(24 * (4 * 2048.0 * 2048 + 3 * 2048 * 5120), parts.Encoder);
        Assert.Equal(24 * 2 * 2048.0 * 2048, parts.OfSource);
        Assert.Equal(24 * (6 * 2048.0 * 2048 + 3 * 2048 * 5120), parts.Decoder);
        Assert.Equal(2048.0 * 32128, parts.Head);
    }

    [Fact]
    public void GPT2_has_one_stack_and_a_head_that_is_the_embedding()
    {
        var parts = ModelParts.Of(PublishedShapes.Of("gpt2"));
        // q, k, v, o are 4 D², the MLP 8 D²: Kaplan's N = 12 · layers · D².
        Assert.Equal(12 * 12 * 768.0 * 768, parts.Decoder);
        Assert.Equal(768.0 * 50257, parts.Head);
        Assert.Equal((0, 0), (parts.Encoder, parts.OfSource));
    }

    [Fact]
    public void All_parts_are_the_models_weights_but_for_what_is_looked_up_and_norms()
    {
        var model = PublishedShapes.Of("t0-11b");
        var parts = ModelParts.Of(model);
        var looked = 32128L * 4096 + 2 * 32 * 64 + (2 * 24 + 3 * 24 + 2) * 4096; // embedding, two tables of distances, norms
        Assert.Equal(model.Parameters - looked, parts.Encoder + parts.OfSource + parts.Decoder + parts.Head);
    }

    [Fact]
    public void A_classifiers_head_counts_as_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), """
            {"model_type":"bert","architectures":["BertForSequenceClassification"],"vocab_size":30522,"hidden_size":768,"num_hidden_layers":12,"num_attention_heads":12,"intermediate_size":3072,
             "max_position_embeddings":512,"type_vocab_size":2,"id2label":{"0":"a","1":"b"},"label2id":{"a":0,"b":1}}
            """);
        var parts = ModelParts.Of(ModelConfigFile.Load(folder.Path));
        Assert.Equal(new ModelParts { Decoder = 12 * 12 * 768.0 * 768 }, parts);
    }
}
