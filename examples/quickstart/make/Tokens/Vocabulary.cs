using PeftCluster.Data.Tokenizers;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Quickstart.Make.Tokens;

/// <summary>Learns the base's vocabulary from the family's tasks and writes its files.</summary>
internal static class Vocabulary
{
    public static TextTokenizer Make(string folder, long seed, IReadOnlySet<string> reserved)
    {
        var tasks = new FamilyTasks(new PhiloxStream(seed, "vocabulary"), reserved);
        var rows = Enumerable.Range(0, Recipe.VocabularyTexts).Select(_ => tasks.Next());
        var merges = BytePairTrainer.Learn(rows.SelectMany(row => new[] { row.Prompt, row.Output }), Recipe.MostMerges);
        TokenizerFiles.Write(folder, merges);
        return TextTokenizer.Load(folder);
    }
}
