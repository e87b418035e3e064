using CsCheck;
using PeftCluster.Steps.Measures;

namespace PeftCluster.Steps.Tests.Measures;

/// <summary>Counts of right and wrong classes, and what follows from them.</summary>
public sealed class ConfusionMatrixTests
{
    private static readonly Gen<(int Classes, (int Expected, int Answered)[] Samples)> Cases = Gen.Int[1, 5].SelectMany(
        classes => Gen.Select(Gen.Int[0, classes - 1], Gen.Int[0, classes - 1]).Array[1, 40], (classes, samples) => (classes, samples));

    /// <summary>
    /// Expected down, answered across:
    ///       0 1 2
    ///   0   3 1 0
    ///   1   1 1 0
    ///   2   0 2 2
    /// </summary>
    private static readonly (int, int)[] ThreeClasses = [(0, 0), (0, 0), (0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 1), (2, 2), (2, 2)];

    [Fact]
    public void Every_sample_stands_where_it_was_expected_and_answered()
    {
        var matrix = Of(3, ThreeClasses);
        Assert.Equal([3, 1, 0, 1, 1, 0, 0, 2, 2], Enumerable.Range(0, 9).Select(at => matrix[at / 3, at % 3]));
        Assert.Equal((10, 3), (matrix.Samples, matrix.Classes));
    }

    [Fact]
    public void Accuracy_is_the_diagonals_share() => Assert.Equal(0.6, Of(3, ThreeClasses).Accuracy, 14); // (3 + 1 + 2) ÷ 10

    [Fact]
    public void F1_of_a_class_is_twice_the_right_ones_by_those_expected_and_answered()
    {
        var matrix = Of(3, ThreeClasses);
        // Class 0: precision 3/4, recall 3/4. Class 1: 1/4 and 1/2, so 2·(1/8) ÷ (3/4) = 1/3. Class 2: 1 and 1/2, so 1 ÷ (3/2) = 2/3.
        Assert.Equal(3.0 / 4, matrix.F1(0)!.Value, 14);
        Assert.Equal(1.0 / 3, matrix.F1(1)!.Value, 14);
        Assert.Equal(2.0 / 3, matrix.F1(2)!.Value, 14);
    }

    [Fact]
    public void Macro_F1_is_their_mean() => Assert.Equal(7.0 / 12, Of(3, ThreeClasses).MacroF1, 14); // (3/4 + 1/3 + 2/3) ÷ 3

    [Fact]
    public void A_class_that_nobody_named_is_left_out_of_macro_F1()
    {
        Assert.Equal(7.0 / 12, Of(5, ThreeClasses).MacroF1, 14);
        Assert.Null(Of(5, ThreeClasses).F1(4));
    }

    [Fact]
    public void A_class_that_was_expected_and_never_answered_counts_as_zero()
    {
        // Always class 0: F1 of 0 is 2·3 ÷ (3 + 4) = 6/7, of 1 it is 0; the accuracy of 3/4 hides that.
        var matrix = Of(2, [(0, 0), (0, 0), (0, 0), (1, 0)]);
        Assert.Equal(3.0 / 7, matrix.MacroF1, 14);
        Assert.Equal(0.75, matrix.Accuracy);
    }

    [Fact]
    public void Scores_are_shares_and_one_only_where_all_are_right() => Cases.Sample(each =>
    {
        var matrix = Of(each.Classes, each.Samples);
        var right = each.Samples.All(sample => sample.Expected == sample.Answered);
        return matrix.Accuracy is >= 0 and <= 1 && matrix.MacroF1 is >= 0 and <= 1 && matrix.Accuracy == 1 == right && matrix.MacroF1 == 1 == right;
    });

    [Fact]
    public void Exchanging_answers_and_expectations_changes_neither_score() => Cases.Sample(each =>
    {
        var (matrix, turned) = (Of(each.Classes, each.Samples), Of(each.Classes, each.Samples.Select(sample => (sample.Answered, sample.Expected))));
        return matrix.Accuracy == turned.Accuracy && matrix.MacroF1 == turned.MacroF1;
    });

    [Fact]
    public void Parts_that_workers_counted_add_up_to_the_whole() => Gen.Select(Cases, Gen.Int[0, 40]).Sample((each, cut) =>
    {
        var sum = Of(each.Classes, each.Samples.Take(cut));
        sum.Add(Of(each.Classes, each.Samples.Skip(cut)));
        var whole = Of(each.Classes, each.Samples);
        return Enumerable.Range(0, each.Classes).All(expected => Enumerable.Range(0, each.Classes).All(answered => sum[expected, answered] == whole[expected, answered]));
    });

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(3, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 3)]
    public void A_class_that_there_is_not_is_refused(int expected, int answered) =>
        Assert.Contains("0 to 2", Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(3).Count(expected, answered)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nothing_counted_has_no_score_and_unlike_matrices_have_no_sum()
    {
        Assert.Throws<InvalidOperationException>(() => new ConfusionMatrix(2).Accuracy);
        Assert.Throws<InvalidOperationException>(() => new ConfusionMatrix(2).MacroF1);
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix(2).Add(new ConfusionMatrix(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(0));
    }

    private static ConfusionMatrix Of(int classes, IEnumerable<(int Expected, int Answered)> samples)
    {
        var matrix = new ConfusionMatrix(classes);
        foreach (var (expected, answered) in samples)
            matrix.Count(expected, answered);
        return matrix;
    }
}
