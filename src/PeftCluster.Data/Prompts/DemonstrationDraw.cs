using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Data.Prompts;

/// <summary>
/// Which training examples stand before a held-out row, and with which answers. Unusual: they are a function of (seed, example asked for, shots) alone, so every worker
/// draws the same; the examples of one shot are the first of those of five; all wordings of one example are asked behind the same examples, each in its own wording.
/// </summary>
/// <param name="train">Rows that examples are drawn from.</param>
/// <param name="eval">Rows that are asked.</param>
/// <param name="spec">How they are drawn.</param>
internal sealed class DemonstrationDraw(ITokenRows train, ITokenRows eval, EvaluationSpec spec)
{
    private readonly Lazy<int[][]> _classes = new(() => ClassesOf(train));

    /// <summary>Whether all held-out rows have the same examples.</summary>
    public bool IsShared { get; } = spec.SharedExamples ?? eval.HasChoices;

    /// <summary>Whether drawing reads answers, of any training row.</summary>
    public bool ReadsAnswers => spec.Balanced || spec.WrongLabels > 0;

    /// <summary>The examples of a held-out row with their answers, the first of them first.</summary>
    /// <exception cref="BadInputException">There are fewer training examples than shots, or no answer is wrong.</exception>
    public IReadOnlyList<Demonstration> Of(int row, int shots) => WithAnswers(Rows(row, shots), Numbers(PhiloxPurpose.WrongLabels, row));

    /// <summary>The training rows of those examples; reads none of them unless <see cref="ReadsAnswers"/>.</summary>
    /// <exception cref="BadInputException">There are fewer training examples than shots.</exception>
    public IReadOnlyList<int> Rows(int row, int shots)
    {
        Need(train, shots);
        var random = Numbers(PhiloxPurpose.Demonstrations, row);
        var drawn = spec.Balanced ? Balanced(random, shots) : Any(random, shots);
        return [.. drawn.Select(example => example * train.Variants + row % eval.Variants)];
    }

    /// <summary>Sees that there are enough training examples.</summary>
    /// <exception cref="BadInputException">There are fewer than shots.</exception>
    public static void Need(ITokenRows train, int shots)
    {
        if (shots > train.Examples)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"evaluation.shots: {shots} examples are asked for, and data.train has {train.Examples} {(train.HasChoices ? "examples" : "rows")}. Ask for fewer."));
    }

    private PhiloxStream Numbers(string purpose, int row) => new(spec.DemonstrationsSeed, purpose, IsShared ? 0UL : (ulong)(row / eval.Variants));

    private List<int> Any(PhiloxStream random, int shots)
    {
        var drawn = new List<int>(shots);
        while (drawn.Count < shots)
            Add(drawn, () => random.NextBelow(train.Examples));
        return drawn;
    }

    /// <summary>One example of each class in turn, the classes in an order that is drawn too; a class without further examples is passed over.</summary>
    private List<int> Balanced(PhiloxStream random, int shots)
    {
        int[][] classes = [.. _classes.Value];
        Shuffle(random, classes, classes.Length);
        var drawn = new List<int>(shots);
        for (var turn = 0; drawn.Count < shots; turn++)
        {
            var own = classes[turn % classes.Length];
            if (own.Any(example => !drawn.Contains(example)))
                Add(drawn, () => own[random.NextBelow(own.Length)]);
        }
        return drawn;
    }

    private IReadOnlyList<Demonstration> WithAnswers(IReadOnlyList<int> rows, PhiloxStream random)
    {
        var wrong = (int)Math.Round(rows.Count * spec.WrongLabels, MidpointRounding.AwayFromZero);
        int[] places = [.. Enumerable.Range(0, rows.Count)];
        Shuffle(random, places, wrong);
        int[] spoilt = [.. places.Take(wrong).Order()];
        return [.. rows.Select((row, place) => new Demonstration(row, spoilt.Contains(place) ? WrongAnswer(random, row) : train.RightChoice(row) ?? row))];
    }

    private int WrongAnswer(PhiloxStream random, int row)
    {
        if (train.RightChoice(row) is not { } right)
            return OtherCompletion(random, row);
        var other = random.NextBelow(train.Labelled(row).Length - 1);
        return other < right ? other : other + 1;
    }

    // The first row, from a drawn one on, that is answered otherwise.
    private int OtherCompletion(PhiloxStream random, int row)
    {
        var first = random.NextBelow(train.Count);
        for (var next = 0; next < train.Count; next++)
        {
            var other = (first + next) % train.Count;
            if (!train.Completion(other).SequenceEqual(train.Completion(row)))
                return other;
        }
        throw new BadInputException("evaluation.wrong_labels: all training rows have the same answer, so there is no wrong one. Remove it.");
    }

    private static void Add(List<int> drawn, Func<int> draw)
    {
        var candidate = draw();
        while (drawn.Contains(candidate))
            candidate = draw();
        drawn.Add(candidate);
    }

    /// <summary>Fisher and Yates, as far as the first <paramref name="count"/> items.</summary>
    private static void Shuffle<T>(PhiloxStream random, T[] items, int count)
    {
        for (var place = 0; place < Math.Min(count, items.Length - 1); place++)
        {
            var from = place + random.NextBelow(items.Length - place);
            (items[place], items[from]) = (items[from], items[place]);
        }
    }

    /// <summary>Examples by the number of their right choice.</summary>
    private static int[][] ClassesOf(ITokenRows train) =>
        [.. Enumerable.Range(0, train.Examples).GroupBy(example => train.RightChoice(example * train.Variants)).OrderBy(own => own.Key).Select(own => own.ToArray())];
}
