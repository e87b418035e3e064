using PeftCluster.Data.Tokenizers;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>
/// What each step learns from. First single tasks only, until the base can copy words from an order; then also series, whose
/// layouts grow from one field to five.
/// </summary>
internal sealed class Curriculum(TextTokenizer tokenizer, FamilyTasks tasks, PhiloxStream random)
{
    private const int Singles = 32, SinglesBesideSeries = 24, SeriesRows = 4, MostExamples = 5;

    /// <summary>The rows of a step, in batches of similar lengths.</summary>
    /// <param name="progress">The share of all steps that is done.</param>
    public IReadOnlyList<IReadOnlyList<TokenRow>> Next(double progress)
    {
        var mostFields = MostFields(progress);
        if (mostFields == 0)
            return Halves(Many(Singles, Single));
        return [.. Halves(Many(SinglesBesideSeries, Single)), Many(SeriesRows, () => Series(2 + random.NextBelow(MostExamples), mostFields))];
    }

    /// <summary>One task, one order.</summary>
    public TokenRow Single() => TokenRow.Of(tokenizer, [tasks.Next()]);

    /// <summary>Orders in one layout. Nobody can know the first answer.</summary>
    public TokenRow Series(int rows, int mostFields) => TokenRow.Of(tokenizer, tasks.Series(rows, mostFields), learntFrom: 1);

    private static int MostFields(double progress) => progress < 0.6 ? 0 : Math.Min(Layout.MostFields, 1 + (int)((progress - 0.6) * 20));

    // Shorter and longer rows apart: a third less padding.
    private static List<TokenRow>[] Halves(List<TokenRow> rows)
    {
        List<TokenRow> sorted = [.. rows.OrderBy(row => row.Ids.Length)];
        return [sorted[..(rows.Count / 2)], sorted[(rows.Count / 2)..]];
    }

    private static List<TokenRow> Many(int count, Func<TokenRow> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
}
