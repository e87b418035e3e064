using PeftCluster.Data.Tokenizers;
using PeftCluster.Steps.Randomness;
using PeftCluster.TFew.Make;
using PeftCluster.TFew.Make.Pretraining;
using PeftCluster.TFew.Make.Tasks;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.T5;
using PeftCluster.Training.Native;

namespace PeftCluster.TFew;

/// <summary>The committed base: its size, what it can do, and what it cannot. Uses libtorch.</summary>
public sealed class BaseTests
{
    private const int LargestFolder = 3_000_000;

    [Fact]
    public void The_base_is_small_and_its_files_agree()
    {
        Assert.InRange(new DirectoryInfo(TFewFolder.Base).EnumerateFiles().Sum(file => file.Length), 1, LargestFolder);
        var config = Assert.IsType<T5Config>(ModelConfigFile.Load(TFewFolder.Base));
        Assert.Equal(TextTokenizer.Load(TFewFolder.Base).VocabularySize, config.VocabularySize);
        Assert.True(config.Gated && !config.TiedHead);
    }

    [Fact]
    public void The_base_answers_its_own_families_and_the_held_out_one_a_little_above_chance()
    {
        TorchLibrary.Load();
        var tokenizer = TextTokenizer.Load(TFewFolder.Base);
        var config = ModelConfigFile.Load(TFewFolder.Base);
        using var store = WeightStore.Open(TFewFolder.Base, config, cancellation: TestContext.Current.CancellationToken);
        var model = (ILanguageModel)config.Build(name => store[name]);
        var data = HeldOutData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);
        var mixture = new Mixture(new PhiloxStream(Recipe.Seed, "test"), data.Orders);

        Assert.InRange(Progress.Accuracy(model, tokenizer, Enumerable.Range(0, 300).Select(_ => mixture.Next())), 0.9, 1);
        Assert.InRange(Progress.Accuracy(model, tokenizer, data.Heldout.SelectMany(row => HeldOutTask.Family.Templates.Select(row.Under))), 0.25, 0.7);
    }
}
