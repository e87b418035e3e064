using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Training.Bench;

/// <summary>
/// Rows as instruction data comes: the prompt's tokens log-normal with median 90 and σ 0.6, the completion's with median 60 and σ 0.8, cut at a most together; random ids, loss
/// on completions. A row always has a label.
/// </summary>
internal sealed class LogNormalRows : ITokenRows
{
    private readonly (int[] Tokens, LabelSpan[] Spans)[] _rows;

    /// <param name="count">How many.</param>
    /// <param name="most">The most tokens of a row, at least 8.</param>
    /// <param name="vocabulary">V</param>
    /// <param name="seed">Draws lengths and ids.</param>
    public LogNormalRows(int count, int most, int vocabulary, long seed)
    {
        var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues);
        int Drawn(double median, double sigma) => Math.Max(1, (int)Math.Round(median * Math.Exp(sigma * random.NextGaussian())));
        _rows = new (int[], LabelSpan[])[count];
        for (var row = 0; row < count; row++)
        {
            var prompt = Math.Min(Drawn(90, 0.6), most - 1);
            var length = Math.Min(prompt + Drawn(60, 0.8), most);
            _rows[row] = ([.. Enumerable.Range(0, length).Select(_ => random.NextBelow(vocabulary))], [new LabelSpan(prompt, length)]);
        }
    }

    public int Count => _rows.Length;

    public int Length(int row) => _rows[row].Tokens.Length;

    public int Labels(int row) => LabelSpan.Labels(_rows[row].Spans);

    public ReadOnlySpan<int> Tokens(int row) => _rows[row].Tokens;

    public int PromptLength(int row) => _rows[row].Spans[^1].Start;

    public ReadOnlySpan<LabelSpan> Labelled(int row) => _rows[row].Spans;
}
