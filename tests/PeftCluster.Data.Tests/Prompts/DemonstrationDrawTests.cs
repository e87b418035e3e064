using PeftCluster.Data.Prompts;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prompts;

/// <summary>Which examples, and with which answers.</summary>
public sealed class DemonstrationDrawTests : IDisposable
{
    private readonly TinyModel _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Rows_with_choices_share_their_examples_unless_the_job_says_otherwise()
    {
        var rows = Choices(examples: 12, variants: 1);

        Assert.Equal(Drawn(rows, new EvaluationSpec(), 0, 5), Drawn(rows, new EvaluationSpec(), 7, 5));
        Assert.NotEqual(Drawn(rows, new EvaluationSpec { SharedExamples = false }, 0, 5), Drawn(rows, new EvaluationSpec { SharedExamples = false }, 7, 5));
        Assert.NotEqual(Drawn(rows, new EvaluationSpec(), 0, 5), Drawn(rows, new EvaluationSpec { DemonstrationsSeed = 1 }, 0, 5));
    }

    [Fact]
    public void Rows_with_one_answer_have_their_own_unless_the_job_says_otherwise()
    {
        var rows = new ChoiceTexts(_model.Load());
        for (var row = 0; row < 12; row++)
            rows.Answered($"q{row}", $"a{row}");

        Assert.NotEqual(Drawn(rows, new EvaluationSpec(), 0, 5), Drawn(rows, new EvaluationSpec(), 7, 5));
        Assert.Equal(Drawn(rows, new EvaluationSpec { SharedExamples = true }, 0, 5), Drawn(rows, new EvaluationSpec { SharedExamples = true }, 7, 5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_wording_of_an_example_is_asked_behind_the_same_examples_in_its_wording(bool shared)
    {
        var rows = Choices(examples: 9, variants: 3);
        var spec = new EvaluationSpec { SharedExamples = shared };
        int[] first = [.. Drawn(rows, spec, 6, 4).Select(one => one.Row)];

        Assert.All(first, row => Assert.Equal(0, row % 3));
        Assert.Equal(first.Select(row => row + 1), Drawn(rows, spec, 7, 4).Select(one => one.Row));
        Assert.Equal(first.Select(row => row + 2), Drawn(rows, spec, 8, 4).Select(one => one.Row));
    }

    [Fact]
    public void Balanced_examples_have_right_choices_in_turn_and_fewer_are_the_first_of_more()
    {
        // Nine of ten are of class 0.
        var rows = new ChoiceTexts(_model.Load());
        for (var row = 0; row < 30; row++)
            rows.Add($"q{row}", row % 10 == 9 ? 1 : 0, " yes", " no");
        var spec = new EvaluationSpec { Balanced = true };

        var six = Drawn(rows, spec, 0, 6);

        Assert.Equal(6, six.Select(one => one.Row).Distinct().Count());
        for (var place = 1; place < 6; place++)
            Assert.Equal(1, six[place].Answer + six[place - 1].Answer);
        Assert.Equal(six.Take(3), Drawn(rows, spec, 0, 3));
        // Class 1 has three rows; then the other goes on alone.
        Assert.Equal(3, Drawn(rows, spec, 0, 9).Count(one => one.Answer == 1));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.2, 1)]
    [InlineData(0.5, 3)]
    [InlineData(0.6, 3)]
    [InlineData(1, 5)]
    public void So_many_answers_are_wrong_as_the_share_says_rounded(double share, int wrong)
    {
        var rows = Choices(examples: 20, variants: 1);

        for (var row = 0; row < 10; row++)
        {
            var drawn = Drawn(rows, new EvaluationSpec { SharedExamples = false, WrongLabels = share }, row, 5);
            Assert.Equal(wrong, drawn.Count(one => one.Answer != rows.RightChoice(one.Row)));
            Assert.All(drawn, one => Assert.InRange(one.Answer, 0, rows.Labelled(one.Row).Length - 1));
            Assert.Equal(Drawn(rows, new EvaluationSpec { SharedExamples = false }, row, 5).Select(one => one.Row), drawn.Select(one => one.Row));
        }
    }

    [Fact]
    public void Which_answers_are_wrong_and_how_is_drawn()
    {
        var rows = Choices(examples: 20, variants: 1);
        var spec = new EvaluationSpec { SharedExamples = false, WrongLabels = 0.4 };
        var drawn = Enumerable.Range(0, 20).Select(row => Drawn(rows, spec, row, 5)).ToArray();

        Assert.All(Enumerable.Range(0, 5), place => Assert.InRange(drawn.Count(one => one[place].Answer != rows.RightChoice(one[place].Row)), 1, 19));
        Assert.Equal([0, 1, 2], drawn.SelectMany(one => one).Where(one => one.Answer != rows.RightChoice(one.Row)).Select(one => one.Answer).Distinct().Order());
    }

    [Fact]
    public void A_wrong_completion_is_another_rows_that_differs()
    {
        var rows = new ChoiceTexts(_model.Load()).Answered("a", "1").Answered("b", "1").Answered("c", "2").Answered("d", "1");

        for (var row = 0; row < 4; row++)
            Assert.All(Drawn(rows, new EvaluationSpec { WrongLabels = 1 }, row, 4), one => Assert.True(one.Row == 2 ? one.Answer != 2 : one.Answer == 2));
    }

    [Fact]
    public void Where_all_completions_are_one_none_is_wrong()
    {
        var rows = new ChoiceTexts(_model.Load()).Answered("a", "1").Answered("b", "1");

        Assert.Equal("evaluation.wrong_labels: all training rows have the same answer, so there is no wrong one. Remove it.",
            Assert.Throws<BadInputException>(() => Drawn(rows, new EvaluationSpec { WrongLabels = 0.5 }, 0, 1)).Message);
    }

    [Fact]
    public void More_examples_than_there_are_are_refused_by_their_number_not_that_of_wordings() => Assert.Equal(
        "evaluation.shots: 4 examples are asked for, and data.train has 3 examples. Ask for fewer.",
        Assert.Throws<BadInputException>(() => Drawn(Choices(examples: 3, variants: 2), new EvaluationSpec(), 0, 4)).Message);

    [Fact]
    public void Who_fetches_rows_learns_of_all_that_are_looked_at()
    {
        var rows = Choices(examples: 8, variants: 2);
        var tokenizer = _model.Load();

        var plain = new FewShotPrompts(rows, rows, tokenizer, new EvaluationSpec());
        Assert.Equal(plain.Demonstrations(2, 3).Concat(plain.Demonstrations(5, 3)).Select(one => one.Row).Distinct(), plain.TrainRows([2, 5], 3));
        Assert.Empty(plain.TrainRows([2, 5], 0));
        Assert.Empty(plain.TrainRows([2, 5], 9));
        Assert.Equal(Enumerable.Range(0, 16), new FewShotPrompts(rows, rows, tokenizer, new EvaluationSpec { Balanced = true }).TrainRows([2], 3));
    }

    private IReadOnlyList<Demonstration> Drawn(ChoiceTexts rows, EvaluationSpec spec, int row, int shots) =>
        new FewShotPrompts(rows, rows, _model.Load(), spec).Demonstrations(row, shots);

    private ChoiceTexts Choices(int examples, int variants)
    {
        var rows = new ChoiceTexts(_model.Load(), variants);
        for (var row = 0; row < examples * variants; row++)
            rows.Add($"q{row}", row / variants % 3, " yes", " no", " maybe");
        return rows;
    }
}
