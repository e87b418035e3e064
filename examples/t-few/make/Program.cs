using System.Globalization;
using PeftCluster.TFew.Make;
using PeftCluster.TFew.Make.Pretraining;
using PeftCluster.TFew.Make.Tasks;
using PeftCluster.TFew.Make.Tokens;

// Data first, then the vocabulary, then the base: each needs the one before. Unusual: nothing is read, all is drawn from one seed.
const string Usage = """
    Makes the files of examples/t-few again: the base, task.yaml, train.jsonl and heldout.jsonl.

      make [FOLDER]    default: examples/t-few
    """;

switch (args)
{
    case []:
        Make(Path.Combine("examples", "t-few"));
        return 0;
    case [var folder] when !folder.StartsWith('-'):
        Make(folder);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static void Make(string folder)
{
    var baseFolder = Directory.CreateDirectory(Path.Combine(folder, "base")).FullName;
    var data = HeldOutData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);
    HeldOutFiles.Write(folder, data);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"data: {data.Train.Count} training rows, {data.Heldout.Count} held-out rows, overlap: {data.Overlap}"));
    var tokenizer = WordVocabulary.Make(baseFolder);
    BaseConfig.Write(baseFolder, tokenizer.VocabularySize);
    BaseTraining.Run(baseFolder, tokenizer, data);
}
