using System.Text.Json.Nodes;
using PeftCluster.Data.Prompts;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Rows for a model with an encoder: a prompt is a text of its own, with what the tokenizer puts behind a text.</summary>
public sealed class EncoderRowsTests : IDisposable
{
    private readonly PreparedJob _job = new PreparedJob().Train(PreparedJob.Row("q", "a")).Eval(PreparedJob.Row("x", "y"));

    public void Dispose() => _job.Dispose();

    [Theory]
    [InlineData("{\"is_encoder_decoder\": true}")]
    [InlineData("{\"model_type\": \"mt5\"}")]
    public void The_prompt_ends_as_the_tokenizer_ends_a_text(string config)
    {
        using var data = Prepare(config);

        Assert.Equal([.. TinyModel.IdsOf("q"), TinyModel.Eos, .. TinyModel.IdsOf("a"), TinyModel.Eos], data.Train.Tokens(0).ToArray());
        Assert.Equal(2, data.Train.PromptLength(0));
        Assert.Equal(2, data.Train.Labels(0));
    }

    [Fact]
    public void A_decoder_with_the_same_tokenizer_goes_on_from_an_open_prompt()
    {
        using var data = Prepare("{\"is_encoder_decoder\": false, \"model_type\": \"t5\"}");

        Assert.Equal([.. TinyModel.IdsOf("qa"), TinyModel.Eos], data.Train.Tokens(0).ToArray());
    }

    [Fact]
    public void Both_kinds_have_prepared_data_of_their_own()
    {
        using var encoder = Prepare("{\"is_encoder_decoder\": true}");
        using var decoder = Prepare("{}");

        Assert.NotEqual(encoder.InputKey, decoder.InputKey);
    }

    [Fact]
    public void Examples_are_open_and_the_question_is_ended()
    {
        using var data = Prepare("{\"is_encoder_decoder\": true}");

        Assert.Equal([.. TinyModel.IdsOf("qa\n\nx"), TinyModel.Eos], new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 0 }).Prompt(0, shots: 1).Tokens);
    }

    [Fact]
    public void An_encoder_must_have_something_to_read()
    {
        _job.Train(PreparedJob.Row("", "a"));
        var error = Assert.Throws<BadInputException>(() => Prepare("{\"is_encoder_decoder\": true}", ending: false));
        Assert.EndsWith("train.jsonl:1: the prompt is empty, and the model's encoder needs something to read. Give the row a prompt, or drop it.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packing_is_refused_with_the_reason() => Assert.Equal(
        "data.packing: an encoder reads each prompt apart from its completion, so rows cannot share one. Remove packing; rows of about the same length come together anyway (training.group_by_length).",
        Assert.Throws<BadInputException>(() => Prepare("{\"is_encoder_decoder\": true}", change: data => data with { Packing = true })).Message);

    private Data.Prepared.PreparedData Prepare(string config, bool ending = true, Func<DataSpec, DataSpec>? change = null)
    {
        var tokenizer = _job.Model.Tokenizer.DeepClone();
        tokenizer["post_processor"] = ending ? JsonNode.Parse("""
            {"type": "TemplateProcessing", "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1]}},
             "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}]}
            """) : null;
        File.WriteAllText(_job.Model.TokenizerPath, tokenizer.ToJsonString());
        var merged = JsonNode.Parse(config)!.AsObject();
        merged["eos_token_id"] = TinyModel.Eos;
        File.WriteAllText(Path.Combine(_job.Model.Folder, "config.json"), merged.ToJsonString());
        return _job.Prepare(change);
    }
}
