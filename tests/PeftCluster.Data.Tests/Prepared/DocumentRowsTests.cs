using System.Text.Json;
using CsCheck;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Documents, which are learnt whole, and pairs of answers, which are read and not learnt from.</summary>
public sealed class DocumentRowsTests : IDisposable
{
    private readonly PreparedJob _job = new();

    public void Dispose() => _job.Dispose();

    [Fact]
    public void A_document_is_begin_text_end_and_all_but_its_first_token_is_learnt()
    {
        using var data = Prepare(64, "abc");

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("abc"), TinyModel.Eos], data.Train.Tokens(0).ToArray());
        Assert.Equal((0, 4), (data.Train.PromptLength(0), data.Train.Labels(0)));
    }

    [Fact]
    public void Each_token_of_a_long_document_is_learnt_once() => Gen.Select(Gen.Char['a', 'd'].Array[1, 60], Gen.Int[8, 20]).Sample(
        (letters, length) =>
        {
            var text = new string(letters);
            using var data = Prepare(length, text);

            int[] whole = [TinyModel.Bos, .. TinyModel.IdsOf(text), TinyModel.Eos];
            var learnt = new List<int>();
            for (var row = 0; row < data.Train.Count; row++)
            {
                Assert.InRange(data.Train.Length(row), 2, length);
                Assert.Equal(1, data.Train.Line(row));
                learnt.AddRange(data.Train.Tokens(row)[1..]);
            }
            Assert.Equal(whole[1..], learnt);
            Assert.Equal(whole[0], data.Train.Tokens(0)[0]);
            Assert.Equal(0, data.Report.Train.Truncated);
        },
        iter: 100, threads: 1);

    [Fact]
    public void A_long_document_is_refused_where_the_job_says_so()
    {
        _job.Train(Row("abcdefgh"));
        var refused = Assert.Throws<BadInputException>(() => _job.Prepare(spec => spec with { Format = DataFormat.Text, MaxLength = 8, OnTooLong = OnTooLong.Refuse }));

        Assert.Equal($"{_job.TrainPath}:1: the document has 10 tokens, more than data.max_length 8. Shorten it, raise data.max_length, or set data.on_too_long: truncate, which cuts it into several rows.", refused.Message);
    }

    [Fact]
    public void Held_out_documents_count_as_known_only_where_all_of_them_is()
    {
        using var data = _job.Train(Row("ab"), Row("cd")).Eval(Row("ab"), Row("ax")).Prepare(spec => spec with { Format = DataFormat.Text });

        Assert.Equal(1, data.Report.SharedPrompts);
    }

    [Fact]
    public void An_encoder_does_not_learn_documents()
    {
        File.WriteAllText(Path.Combine(_job.Model.Folder, "config.json"), "{\"is_encoder_decoder\": true}");

        Assert.StartsWith("data.format: a document is predicted from its first token on, and the model cannot do that: ", Assert.Throws<BadInputException>(() => Prepare(64, "ab")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_does_not_learn_prompts()
    {
        File.WriteAllText(Path.Combine(_job.Model.Folder, "config.json"), "{\"is_encoder_decoder\": true}");

        Assert.Equal(
            "data.loss_on: everything means the prompt too, and the model cannot do that: an encoder reads the prompt, and only its answer is predicted. Set data.loss_on: assistant_turns.",
            Assert.Throws<BadInputException>(() => _job.Train(PreparedJob.Row("a", "b")).Prepare(spec => spec with { LossOn = LossOn.Everything })).Message);
    }

    [Theory]
    [InlineData(LossOn.Everything, 5)]
    [InlineData(LossOn.LastTurn, 3)]
    [InlineData(LossOn.AssistantTurns, 3)]
    public void A_prompt_may_be_learnt_too(LossOn lossOn, int labels)
    {
        using var data = _job.Train(PreparedJob.Row("ab", "cd")).Prepare(spec => spec with { LossOn = lossOn });

        Assert.Equal((labels, 3), (data.Train.Labels(0), data.Train.PromptLength(0)));
    }

    [Theory]
    [InlineData("""{"prompt": "q", "chosen": "good", "rejected": "bad"}""")]
    [InlineData("""{"prompt": [{"role": "user", "content": "q"}], "chosen": [{"role": "assistant", "content": "good"}], "rejected": [{"role": "assistant", "content": "bad"}]}""")]
    [InlineData("""{"chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "bad"}]}""")]
    public void A_pair_is_read_and_no_training_takes_it(string row)
    {
        _job.Train(row);
        var data = _job.Spec().Data with { Format = DataFormat.Preference };
        var pair = Assert.Single(new ExampleReader(_job.TrainPath, data).Read());

        Assert.Equal(("good", "bad"), (pair.Completion, pair.Rejected!.Completion));
        Assert.Equal(
            "data.format: preference: no loss of this version learns from pairs. Write the better answers as prompt and completion, or as messages.",
            Assert.Throws<BadInputException>(() => _job.Prepare(spec => spec with { Format = DataFormat.Preference })).Message);
    }

    [Theory]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "a"}""", "\"chosen\" and \"rejected\" are the same, so the pair says nothing. Drop the row.")]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": " "}""", "\"rejected\" is empty. A pair needs two answers. Drop the row.")]
    [InlineData("""{"chosen": "a", "rejected": "b"}""", "\"prompt\" is missing. Format preference expects prompt, chosen, rejected (texts, or lists of messages); this row has chosen, rejected. Fix the row, or set data.format or data.columns.")]
    public void A_bad_pair_is_refused_by_its_line(string row, string line)
    {
        _job.Train(row);
        var reader = new ExampleReader(_job.TrainPath, _job.Spec().Data with { Format = DataFormat.Preference });

        Assert.Equal($"{_job.TrainPath}:1: {line}", Assert.Throws<BadInputException>(() => reader.Read().ToList()).Message);
    }

    private static string Row(string text) => JsonSerializer.Serialize(new { text });

    private PeftCluster.Data.Prepared.PreparedData Prepare(int length, params string[] texts) =>
        _job.Train([.. texts.Select(Row)]).Prepare(spec => spec with { Format = DataFormat.Text, MaxLength = length });
}
