using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.Bert;

namespace PeftCluster.Training.Bench;

/// <summary>
/// Rows of one length, random tokens, no prompt: every token but the first has a label, as in transformers with labels = input_ids. An
/// encoder's rows have a prompt and a completion of that length each, a classifier's a text of that length and a class.
/// </summary>
internal sealed class RandomRows : ITokenRows
{
    private readonly int[][] _rows;
    private readonly int _prompt;

    public RandomRows(int rows, int length, ModelConfig model, long seed)
    {
        var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues);
        var vocabulary = model.VocabularySize;
        var classes = (model as BertConfig)?.Classes.Count;
        _prompt = model.Task == PeftTask.EncoderDecoder || classes is not null ? length : 0;
        int[] Draw(int count, int below) => [.. Enumerable.Range(0, count).Select(_ => random.NextBelow(below))];
        _rows = [.. Enumerable.Range(0, rows).Select(_ => classes is { } known ? [.. Draw(length, vocabulary), .. Draw(1, known)] : Draw(_prompt + length, vocabulary))];
    }

    public int Count => _rows.Length;

    public int Length(int row) => _rows[row].Length;

    public int Labels(int row) => _rows[row].Length - Math.Max(_prompt, 1);

    public ReadOnlySpan<int> Tokens(int row) => _rows[row];

    public int PromptLength(int row) => _prompt;

    public ReadOnlySpan<LabelSpan> Labelled(int row) => new LabelSpan[] { new(_prompt, _rows[row].Length) };
}
