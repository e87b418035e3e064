using PeftCluster.Data.Preflight;
using PeftCluster.Data.Tests.Prepared;

namespace PeftCluster.Data.Tests.Preflight;

/// <summary>What the check says of choices: how many, how often each is right, and when that is too often.</summary>
public sealed class ChoiceFiguresTests : IDisposable
{
    private readonly ChoiceJob _job = new ChoiceJob().Task(ChoiceJob.TwoTemplates);

    public void Dispose() => _job.Dispose();

    [Fact]
    public void Examples_are_counted_once_under_however_many_templates()
    {
        using var data = _job.Train(ChoiceJob.Rows(9)).Eval(ChoiceJob.Rows(4)).Prepare();

        var choices = DataPreflight.Report(_job.Spec(), data).Choices!;

        Assert.Equal(["one", "two"], choices.Templates);
        Assert.Equal((9, 2, 2), (choices.Train.Examples, choices.Train.Fewest, choices.Train.Most));
        Assert.Equal([3, 6], choices.Train.Right);
        Assert.Equal([2, 2], choices.HeldOut!.Right);
        Assert.Equal(("right", "of 9 training examples with 2 choices: yes 3, no 6; of 4 held-out examples with 2 choices: yes 2, no 2"), choices.Lines[1]);
    }

    [Theory]
    [InlineData(10, 9, null)]
    [InlineData(20, 19, "data.train: choice 1 (no) is the right one of 19 of 20 examples: whoever always gives it looks good. Add rows with other answers, or draw a balanced part (data.train_examples, data.balanced).")]
    [InlineData(3, 3, "data.train: choice 1 (no) is the right one of all 3 examples, so its place alone is learnt or measured. Add rows with other answers.")]
    [InlineData(1, 1, null)]
    public void One_choice_that_is_right_too_often_is_a_warning(int examples, int no, string? line)
    {
        using var data = _job.Train([.. Enumerable.Range(0, examples).Select(row => ChoiceJob.Row($"a{row}", "b", row < no ? "no" : "yes"))]).Prepare();

        Assert.Equal(line, DataPreflight.Findings(_job.Spec(), data).SingleOrDefault(finding => finding.Kind == FindingKind.ChoiceBalance)?.Text);
    }

    [Fact]
    public void Examples_of_equal_texts_and_another_right_choice_are_no_duplicates()
    {
        using var data = _job.Train(ChoiceJob.Row("a", "b", "no"), ChoiceJob.Row("a", "b", "yes"), ChoiceJob.Row("a", "b", "yes")).Prepare(spec => spec with { Templates = ["one"] });

        Assert.Equal(1, DataPreflight.Report(_job.Spec(), data).Train!.Duplicates);
    }

    [Fact]
    public void A_sample_says_its_template_and_which_choice_is_right()
    {
        using var data = _job.Train(ChoiceJob.Row("a", "b", "no")).Prepare();

        var row = DataPreflight.Row(_job.Spec(), data, heldOut: false, 2);

        Assert.Equal("two", row.Template);
        Assert.Equal([new SampleChoice(3, 7, false), new SampleChoice(7, 11, true)], row.Choices);
        Assert.Equal("no!<eos>", string.Concat(row.Tokens.Where(token => token.Label).Select(token => token.Text)));
    }
}
