using System.Globalization;
using PeftCluster.Examples.Make;
using PeftCluster.Quickstart.Make.Pretraining;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Quickstart.Make.Tokens;
using PeftCluster.Quickstart.Make;

// Data first, then the vocabulary, then the base: each needs the one before. Unusual: nothing is read, all is drawn from one seed.
const string Usage = """
    Makes the files of examples/quickstart again: the base, train.jsonl and heldout.jsonl.

      make [FOLDER]                    default: examples/quickstart
      make shuffle-labels TRAIN OUT    writes TRAIN's rows with their answers shuffled
    """;

switch (args)
{
    case ["shuffle-labels", var train, var output]:
        JsonLines.Write(output, TicketData.ShuffleLabels(JsonLines.Read<Row>(train), Recipe.Seed));
        return 0;
    case []:
        Make(Path.Combine("examples", "quickstart"));
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
    var data = TicketData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);
    JsonLines.Write(Path.Combine(folder, "train.jsonl"), data.Train);
    JsonLines.Write(Path.Combine(folder, "heldout.jsonl"), data.Heldout);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"data: {data.Train.Count} training rows, {data.Heldout.Count} held-out rows, overlap: {data.Overlap}"));
    var tokenizer = Vocabulary.Make(baseFolder, Recipe.Seed, data.Inputs);
    BaseConfig.Write(baseFolder, tokenizer.VocabularySize, tokenizer.EosId!.Value);
    BaseTraining.Run(baseFolder, tokenizer, data);
}
