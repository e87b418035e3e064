using System.Diagnostics;
using System.Globalization;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.Steps.Randomness;
using PeftCluster.TFew.Make.Tasks;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using TorchSharp;

namespace PeftCluster.TFew.Make.Pretraining;

/// <summary>The whole of pre-training: from the folder's config.json and tokenizer to its model.safetensors, telling how it goes.</summary>
internal static class BaseTraining
{
    private const int StepsALine = 100, StepsAMeasure = 500;

    public static void Run(string folder, TextTokenizer tokenizer, HeldOutData data)
    {
        TorchLibrary.Load();
        torch.set_num_threads(Recipe.Threads);
        var config = ModelConfigFile.Load(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"base: {config.Parameters:N0} parameters, {Recipe.Steps} steps"));
        var weights = InitialWeights.Of(config, Recipe.Seed);
        var model = (ILanguageModel)config.Build(name => weights[name]);
        var pretrainer = new Pretrainer(weights, Recipe.Steps);
        var mixture = new Mixture(new PhiloxStream(Recipe.Seed, "pre-training"), data.Orders);
        var progress = new Progress(tokenizer, Recipe.Seed, data);
        var clock = Stopwatch.StartNew();
        for (var step = 1; step <= Recipe.Steps; step++)
        {
            var loss = pretrainer.Step(step, () => [PromptBatch.Of(model, tokenizer, [.. Enumerable.Range(0, Recipe.BatchRows).Select(_ => mixture.Next())])]);
            if (step % StepsALine == 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step}  loss {loss:0.000}  {clock.Elapsed.TotalSeconds:0} s"));
            if (step % StepsAMeasure != 0 && step != Recipe.Steps)
                continue;
            Console.WriteLine($"  accuracy: {progress.Line(model)}");
            weights.Write(folder);
        }
    }
}
