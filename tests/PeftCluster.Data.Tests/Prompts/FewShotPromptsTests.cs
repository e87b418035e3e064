using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prompts;
using PeftCluster.Data.Tests.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prompts;

/// <summary>Examples before a question: which ones, in which order, and what stands between them.</summary>
public sealed class FewShotPromptsTests
{
    [Fact]
    public void Examples_stand_before_the_question_without_begin_and_end()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("q", "a")).Eval(PreparedJob.Row("x", "y"));
        using var data = job.Prepare();
        var prompts = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 0 });

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("x")], prompts.Prompt(0, shots: 0).Tokens);
        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("qa\n\nx")], prompts.Prompt(0, shots: 1).Tokens);
    }

    [Fact]
    public void A_row_that_was_cut_has_no_token_of_end_to_leave_out()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("q", "abcdefghij")).Eval(PreparedJob.Row("x", "y"));
        using var data = job.Prepare(spec => spec with { MaxLength = 8 });
        var prompts = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 0 });

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf("qabcdef\n\nx")], prompts.Prompt(0, shots: 1).Tokens);
    }

    [Fact]
    public void Fewer_examples_are_the_first_of_more()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(30)).Eval(PreparedJob.Rows(4));
        using var data = job.Prepare();
        var prompts = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 3 });

        for (var row = 0; row < 4; row++)
        {
            var five = prompts.Demonstrations(row, 5);
            Assert.Equal(5, five.Distinct().Count());
            Assert.Equal(five.Take(1), prompts.Demonstrations(row, 1));
            Assert.Equal(five.Take(3), prompts.Demonstrations(row, 3));
        }
    }

    [Fact]
    public void Rows_and_seeds_draw_examples_of_their_own()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(30)).Eval(PreparedJob.Rows(2));
        using var data = job.Prepare();
        var one = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 3 });
        var other = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 4 });

        Assert.NotEqual(one.Demonstrations(0, 5), one.Demonstrations(1, 5));
        Assert.NotEqual(one.Demonstrations(0, 5), other.Demonstrations(0, 5));
    }

    [Fact]
    public void All_training_rows_may_be_asked_for_and_no_more()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3)).Eval(PreparedJob.Rows(1));
        using var data = job.Prepare();
        var prompts = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec { DemonstrationsSeed = 0 });

        Assert.Equal([0, 1, 2], prompts.Demonstrations(0, 3).Select(one => one.Row).Order());
        Assert.Equal("evaluation.shots: 4 examples are asked for, and data.train has 3 rows. Ask for fewer.", Assert.Throws<BadInputException>(() => prompts.Prompt(0, 4)).Message);
    }

    [Fact]
    public void More_examples_than_rows_are_refused_before_a_model_is_read()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3)).Eval(PreparedJob.Rows(1));
        var spec = job.Spec() with { Evaluation = new EvaluationSpec { Shots = [0, 4] } };

        Assert.Equal("evaluation.shots: 4 examples are asked for, and data.train has 3 rows. Ask for fewer.", Assert.Throws<BadInputException>(() => DataPreflight.Passed(spec, job.Prepare())).Message);
    }

    [Fact]
    public void A_prompt_that_leaves_no_room_for_the_answer_loses_its_oldest_examples()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3)).Eval(PreparedJob.Row("x", "y"));
        using var data = job.Prepare();
        var prompts = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec());
        var (oldest, kept) = (prompts.Demonstrations(0, 2)[0].Row, prompts.Demonstrations(0, 2)[1].Row);
        var whole = prompts.Prompt(0, 2);

        var cut = prompts.Prompt(0, 2, whole.Tokens.Length - 1);

        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf($"q{oldest} a{oldest}\n\nq{kept} a{kept}\n\nx")], whole.Tokens);
        Assert.Equal([TinyModel.Bos, .. TinyModel.IdsOf($"q{kept} a{kept}\n\nx")], cut.Tokens);
        Assert.Equal((1, 1), (cut.Examples, cut.LeftOut));
        Assert.Equal((0, 2), (prompts.Prompt(0, 2, 3).Examples, prompts.Prompt(0, 2, 3).LeftOut));
    }

    [Fact]
    public void A_question_that_is_too_long_by_itself_is_refused()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("q", "a")).Eval("", PreparedJob.Row("xyz", "y"));
        using var data = job.Prepare();
        var prompts = new FewShotPrompts(data.Train, data.Eval!, data.Tokenizer, new EvaluationSpec());

        Assert.Equal(4, prompts.Prompt(0, shots: 1, mostTokens: 4).Tokens.Length);
        Assert.Equal(
            "evaluation.shots: the prompt of held-out line 2 has 4 tokens without any example, and the model has room for 3 before its answer. Shorten it, or set evaluation.max_new_tokens lower.",
            Assert.Throws<BadInputException>(() => prompts.Prompt(0, shots: 1, mostTokens: 3)).Message);
    }
}
