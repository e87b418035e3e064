using System.Text.Json.Nodes;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Rows for a classifier: a framed text, and the number of its class in the place of a completion.</summary>
public sealed class ClassRowsTests : IDisposable
{
    private readonly PreparedJob _job = new PreparedJob();

    public void Dispose() => _job.Dispose();

    [Theory]
    [InlineData("yes", 1)]
    [InlineData(" yes ", 1)]
    [InlineData("2", 2)]
    public void A_class_is_named_or_numbered(string completion, int number)
    {
        using var data = Prepare(completion);

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("a text"), TinyModel.Eos, number], data.Train.Tokens(0).ToArray());
        Assert.Equal((8, 1), (data.Train.PromptLength(0), data.Train.Labels(0)));
        Assert.Empty(data.Report.Warnings);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("Yes")]
    public void What_is_no_class_is_refused_with_those_that_there_are(string completion) => Assert.EndsWith(
        $"train.jsonl:1: \"{completion}\" is no class of the model. It has: no, yes, perhaps (id2label in config.json).",
        Assert.Throws<BadInputException>(() => Prepare(completion)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_text_that_is_too_long_keeps_its_end_and_its_class()
    {
        using var data = Prepare("no", "abcdefghijkl");

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("abcde"), TinyModel.Eos, 0], data.Train.Tokens(0).ToArray());
        Assert.Equal(1, data.Report.Train.Truncated);
        Assert.Contains("the row has 15 tokens, its class counted, more than data.max_length 8.", Assert.Throws<BadInputException>(() => Prepare("no", "abcdefghijkl", OnTooLong.Refuse)).Message, StringComparison.Ordinal);
    }

    private PreparedData Prepare(string completion, string text = "a text", OnTooLong onTooLong = OnTooLong.Truncate)
    {
        _job.Train(PreparedJob.Row(text, completion));
        var tokenizer = _job.Model.Tokenizer.DeepClone();
        tokenizer["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["<eos>", 1], "cls": ["<bos>", 0], "trim_offsets": true, "add_prefix_space": false}""");
        File.WriteAllText(_job.Model.TokenizerPath, tokenizer.ToJsonString());
        File.WriteAllText(Path.Combine(_job.Model.Folder, "config.json"), """{"model_type": "roberta", "id2label": {"0": "no", "1": "yes", "2": "perhaps"}}""");
        return _job.Prepare(spec => spec with { MaxLength = text.Length > 6 ? 8 : 64, OnTooLong = onTooLong });
    }
}
