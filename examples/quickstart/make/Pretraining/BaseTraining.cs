using System.Diagnostics;
using System.Globalization;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using TorchSharp;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>The whole of pre-training: from the folder's config.json and tokenizer to its model.safetensors, telling how it goes.</summary>
internal static class BaseTraining
{
    private const int StepsALine = 50, StepsAMeasure = 200;

    public static void Run(string folder, TextTokenizer tokenizer, TicketData data)
    {
        TorchLibrary.Load();
        torch.set_num_threads(Recipe.Threads);
        var config = ModelConfigFile.Load(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"base: {config.Parameters:N0} parameters, {Recipe.Steps} steps"));
        var weights = new TrainableWeights(config, Recipe.Seed);
        var model = (ICausalModel)config.Build(name => weights[name]);
        var pretrainer = new Pretrainer(weights, Recipe.Steps);
        var random = new PhiloxStream(Recipe.Seed, "pre-training");
        var curriculum = new Curriculum(tokenizer, new FamilyTasks(random, data.Inputs), random);
        var progress = new Progress(tokenizer, Recipe.Seed, data);
        var clock = Stopwatch.StartNew();
        for (var step = 1; step <= Recipe.Steps; step++)
        {
            var loss = pretrainer.Step(step, () => [.. curriculum.Next((step - 1.0) / Recipe.Steps).Select(rows => Batch.Of(model, rows))]);
            if (step % StepsALine == 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step}  loss {loss:0.000}  {clock.Elapsed.TotalSeconds:0} s"));
            if (step % StepsAMeasure != 0 && step != Recipe.Steps)
                continue;
            Console.WriteLine($"  exact match: {progress.Line(model)}");
            weights.Write(folder);
        }
    }
}
