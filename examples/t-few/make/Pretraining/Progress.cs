using System.Globalization;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;
using PeftCluster.TFew.Make.Tasks;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.TFew.Make.Pretraining;

/// <summary>What the base can do on the way: rank classification on fixed questions of its own families, and of the one that it never learns, under every wording.</summary>
internal sealed class Progress
{
    private const int Questions = 40, RowsAtATime = 100;
    private readonly IReadOnlyList<(string Name, ChoiceRows[] Batches)> _measures;

    public Progress(TextTokenizer tokenizer, long seed, HeldOutData data)
    {
        var random = new PhiloxStream(seed, "progress");
        _measures =
        [
            .. Families.All.Select(family => (family.Name, Batches(tokenizer, Many(family, random)))),
            (HeldOutTask.Family.Name, Batches(tokenizer, data.Heldout.SelectMany(row => HeldOutTask.Family.Templates.Select(row.Under)))),
        ];
    }

    /// <summary>One line: name and accuracy of each, the held-out family last.</summary>
    public string Line(ILanguageModel model) => string.Join(", ", _measures.Select(measure =>
        string.Create(CultureInfo.InvariantCulture, $"{measure.Name} {Accuracy(model, measure.Batches):0.00}")));

    private static IEnumerable<Row> Many(Family family, PhiloxStream random)
    {
        for (var question = 0; question < Questions; question++)
        {
            var drawn = family.Draw(random);
            foreach (var template in family.Templates)
                yield return drawn.Under(template);
        }
    }

    /// <summary>The share of rows whose right choice the model finds the most probable.</summary>
    public static double Accuracy(ILanguageModel model, TextTokenizer tokenizer, IEnumerable<Row> rows) => Accuracy(model, Batches(tokenizer, rows));

    private static ChoiceRows[] Batches(TextTokenizer tokenizer, IEnumerable<Row> rows) =>
        [.. rows.Chunk(RowsAtATime).Select(chunk => PromptBatch.Choices(tokenizer, chunk))];

    private static double Accuracy(ILanguageModel model, ChoiceRows[] batches) =>
        batches.Sum(batch => Right(model, batch)) / (double)batches.Sum(batch => batch.Examples.Count);

    private static int Right(ILanguageModel model, ChoiceRows batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var answers = RankClassification.Answers(ChoiceLogProbabilities.Of(batch, model.Labelled(batch)), RankBy.Mean);
        return batch.Examples.Zip(answers).Count(pair => pair.First.Correct == pair.Second);
    }
}
