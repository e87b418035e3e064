using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make.World;
using PeftCluster.TFew.Make;
using PeftCluster.TFew.Make.Tasks;
using PeftCluster.TFew.Make.Tokens;

namespace PeftCluster.TFew;

/// <summary>The committed tokenizer: the one that the program makes, with every word that is needed.</summary>
public sealed class VocabularyTests
{
    private const int Unknown = 2;

    [Fact]
    public void The_committed_tokenizer_is_the_one_that_the_program_makes()
    {
        var folder = Directory.CreateTempSubdirectory("t-few-");
        try
        {
            WordVocabulary.Make(folder.FullName);
            foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
                Assert.Equal(TFewFolder.Text("base", name), File.ReadAllText(Path.Combine(folder.FullName, name)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_word_of_the_world_is_one_token_and_no_word_of_the_held_out_family_is_unknown()
    {
        var tokenizer = TextTokenizer.Load(TFewFolder.Base);
        foreach (var word in Words.Fields.SelectMany(Words.Of))
            Assert.NotEqual(Unknown, Assert.Single(tokenizer.Encode(word, addSpecialTokens: false)));
        var data = HeldOutData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);
        foreach (var row in data.Heldout.SelectMany(row => HeldOutTask.Family.Templates.Select(row.Under)))
            Assert.DoesNotContain(Unknown, tokenizer.Encode($"{row.Prompt} {string.Join(' ', row.Choices)}", addSpecialTokens: false));
    }

    [Fact]
    public void A_prompt_and_an_answer_end_with_the_token_of_end()
    {
        var tokenizer = TextTokenizer.Load(TFewFolder.Base);
        Assert.Equal(tokenizer.EosId, tokenizer.Encode("red", addSpecialTokens: true)[^1]);
        Assert.Equal([tokenizer.EosId!.Value], tokenizer.PromptEnd);
        Assert.True(tokenizer.HasEncoder);
    }
}
