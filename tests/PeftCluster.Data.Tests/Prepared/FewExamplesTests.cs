using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Few labelled examples: which ones are drawn, and labels that are shuffled as a control.</summary>
public sealed class FewExamplesTests : IDisposable
{
    private readonly ChoiceJob _job = new ChoiceJob().Task(ChoiceJob.TwoTemplates).Train(ChoiceJob.Rows(30)).Eval(ChoiceJob.Rows(5));

    public void Dispose() => _job.Dispose();

    [Fact]
    public void As_many_examples_as_are_asked_for_are_drawn_with_all_their_rows_and_held_out_rows_stay()
    {
        using var all = _job.Prepare();
        using var few = _job.Prepare(spec => spec with { TrainExamples = 8 });

        Assert.Equal(16, few.Train.Count);
        Assert.Equal(8, Lines(few).Distinct().Count());
        Assert.Equal(Lines(few).Order(), Lines(few));
        Assert.Subset(ChoiceJob.AllShown(all.Train).ToHashSet(), ChoiceJob.AllShown(few.Train).ToHashSet());
        Assert.Equal(ChoiceJob.AllShown(all.Eval!), ChoiceJob.AllShown(few.Eval!));
    }

    [Fact]
    public void The_seed_of_the_examples_alone_decides_which()
    {
        using var few = _job.Prepare(spec => spec with { TrainExamples = 8 });
        using var same = _job.Prepare(spec => spec with { TrainExamples = 8 }, microBatches: 2, seed: 99);
        using var other = _job.Prepare(spec => spec with { TrainExamples = 8, ExamplesSeed = 1 });
        using var fewer = _job.Prepare(spec => spec with { TrainExamples = 4 });

        Assert.Equal(Lines(few), Lines(same));
        Assert.NotEqual(Lines(few), Lines(other));
        Assert.Subset(Lines(few).ToHashSet(), Lines(fewer).ToHashSet());
    }

    [Theory]
    [InlineData(8, 4, 4)]
    [InlineData(20, 10, 10)]
    public void Balanced_examples_are_as_many_of_each_right_choice(int count, int yes, int no)
    {
        using var data = _job.Prepare(spec => spec with { TrainExamples = count, Balanced = true });

        Assert.Equal([yes, no], RightOf(data).CountBy(right => right).OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void Where_they_do_not_divide_evenly_the_seed_says_who_has_one_more()
    {
        var more = Enumerable.Range(0, 12).Select(seed =>
        {
            using var data = _job.Prepare(spec => spec with { TrainExamples = 5, Balanced = true, ExamplesSeed = seed });
            return RightOf(data).Count(right => right == 0);
        }).ToList();

        Assert.Equal([2, 3], more.Distinct().Order());
    }

    [Fact]
    public void Rows_without_choices_can_be_few_too()
    {
        using var plain = new PreparedJob().Train(PreparedJob.Rows(10));
        using var data = plain.Prepare(spec => spec with { TrainExamples = 3 });

        Assert.Equal(3, data.Train.Count);
    }

    [Theory]
    [InlineData(31, false, "data.train_examples: 31 is more than the 30 training examples that there are. Lower it, or add rows to data.train.")]
    [InlineData(22, true, "data.balanced: 11 of 22 examples should have choice 0 (from 0) for their right one, and 10 are there. Lower data.train_examples, or remove balanced.")]
    public void More_than_there_are_is_refused(int count, bool balanced, string line) =>
        Assert.Equal(line, _job.Refusal(spec => spec with { TrainExamples = count, Balanced = balanced }));

    [Fact]
    public void Shuffled_labels_are_drawn_anew_for_each_example_under_all_its_templates_and_never_for_held_out_rows()
    {
        using var plain = _job.Prepare();
        using var shuffled = _job.Prepare(spec => spec with { ShuffleLabels = true });
        using var again = _job.Prepare(spec => spec with { ShuffleLabels = true }, seed: 3);
        using var other = _job.Prepare(spec => spec with { ShuffleLabels = true, ExamplesSeed = 1 });

        Assert.NotEqual(RightOf(plain), RightOf(shuffled));
        Assert.Equal(RightOf(shuffled), RightOf(again));
        Assert.NotEqual(RightOf(shuffled), RightOf(other));
        Assert.Contains(RightOf(shuffled).Zip(RightOf(plain)), pair => pair.First == pair.Second);
        Assert.All(Enumerable.Range(0, 30), example => Assert.Equal(shuffled.Train.RightChoice(example * 2), shuffled.Train.RightChoice(example * 2 + 1)));
        Assert.All(Enumerable.Range(0, 60), row => Assert.Equal(plain.Train.Tokens(row).ToArray(), shuffled.Train.Tokens(row).ToArray()));
        Assert.All(Enumerable.Range(0, 60), row => Assert.Equal(plain.Train.Labels(row) + plain.Train.WrongLabels(row), shuffled.Train.Labels(row) + shuffled.Train.WrongLabels(row)));
        Assert.Equal(ChoiceJob.AllShown(plain.Eval!), ChoiceJob.AllShown(shuffled.Eval!));
    }

    [Fact]
    public void Shuffled_labels_are_the_same_whether_few_or_all_examples_are_learnt_from()
    {
        using var all = _job.Prepare(spec => spec with { ShuffleLabels = true });
        using var few = _job.Prepare(spec => spec with { ShuffleLabels = true, TrainExamples = 8, Balanced = true });
        using var told = _job.Prepare(spec => spec with { TrainExamples = 8, Balanced = true });

        Assert.Equal(Lines(told), Lines(few));
        Assert.Equal(Lines(few).Select(line => all.Train.RightChoice((line - 1) * 2)!.Value), RightOf(few));
    }

    [Fact]
    public void A_mixture_repeats_whole_examples()
    {
        using var data = DataPreparation.Prepare(
            _job.Spec(spec => spec with { Train = new DataSources([new DataSource { Path = _job.TrainPath, Epochs = 1.5 }]) }), _job.Job.Cache, TestContext.Current.CancellationToken);

        Assert.Equal(90, data.Train.Count);
        Assert.All(Enumerable.Range(0, 45), example => Assert.Equal(data.Train.Line(example * 2), data.Train.Line(example * 2 + 1)));
        Assert.All(Enumerable.Range(0, 45), example => Assert.NotEqual(ChoiceJob.Shown(data.Train, example * 2), ChoiceJob.Shown(data.Train, example * 2 + 1)));
    }

    private static List<int> Lines(PreparedData data) => [.. Enumerable.Range(0, data.Train.Count / data.Train.Variants).Select(example => data.Train.Line(example * data.Train.Variants))];

    private static List<int> RightOf(PreparedData data) => [.. Enumerable.Range(0, data.Train.Count / data.Train.Variants).Select(example => data.Train.RightChoice(example * data.Train.Variants)!.Value)];
}
