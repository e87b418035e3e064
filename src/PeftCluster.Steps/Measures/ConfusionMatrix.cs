namespace PeftCluster.Steps.Measures;

/// <summary>
/// How often each class, or each answer choice, was given where each was expected. Accuracy and macro F1 follow from these counts, and counts
/// of parts of the data add up, so each worker can count its own samples. C classes.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts_EA;

    /// <summary>A matrix of zeros.</summary>
    /// <param name="classes">C</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than one.</exception>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        _counts_EA = new long[classes, classes];
    }

    /// <summary>C</summary>
    public int Classes => _counts_EA.GetLength(0);

    /// <summary>Samples that were counted.</summary>
    public long Samples => _counts_EA.Cast<long>().Sum();

    /// <summary>How many samples of a class got an answer.</summary>
    /// <param name="expected">The right class.</param>
    /// <param name="answered">The model's.</param>
    public long this[int expected, int answered] => _counts_EA[expected, answered];

    /// <summary>The share of samples whose answer is right, 0 to 1.</summary>
    /// <exception cref="InvalidOperationException">No sample was counted.</exception>
    public double Accuracy => Samples is > 0 and var samples ? (double)Right / samples : throw new InvalidOperationException("no sample was counted");

    /// <summary>
    /// The mean over classes of F1 = 2 · right ÷ (expected + answered), 0 to 1. Classes that were neither expected nor answered are left out, as
    /// scikit-learn's f1_score(average="macro") leaves them out; a class that was never right counts as 0.
    /// </summary>
    /// <exception cref="InvalidOperationException">No sample was counted.</exception>
    public double MacroF1 => Enumerable.Range(0, Classes).Select(F1).OfType<double>().Average();

    private long Right => Enumerable.Range(0, Classes).Sum(each => _counts_EA[each, each]);

    /// <summary>Counts one sample.</summary>
    /// <param name="expected">The right class, from 0.</param>
    /// <param name="answered">The model's.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not 0 to C − 1.</exception>
    public void Count(int expected, int answered)
    {
        Check(expected, nameof(expected));
        Check(answered, nameof(answered));
        _counts_EA[expected, answered]++;
    }

    /// <summary>Adds the counts of other samples.</summary>
    /// <exception cref="ArgumentException">The other has another number of classes.</exception>
    public void Add(ConfusionMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Classes != Classes)
            throw new ArgumentException($"{other.Classes} classes cannot be added to {Classes}", nameof(other));
        for (var expected = 0; expected < Classes; expected++)
        {
            for (var answered = 0; answered < Classes; answered++)
                _counts_EA[expected, answered] += other[expected, answered];
        }
    }

    /// <summary>A class's F1; null where it was neither expected nor answered.</summary>
    /// <param name="of">The class.</param>
    public double? F1(int of)
    {
        Check(of, nameof(of));
        var named = Enumerable.Range(0, Classes).Sum(other => _counts_EA[of, other] + _counts_EA[other, of]);
        return named == 0 ? null : 2.0 * _counts_EA[of, of] / named;
    }

    private void Check(int number, string parameter)
    {
        if (number < 0 || number >= Classes)
            throw new ArgumentOutOfRangeException(parameter, number, $"there are {Classes} classes, so a class is 0 to {Classes - 1}");
    }
}
