using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make.World;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Quickstart.Make.Tokens;
using PeftCluster.Quickstart.Make;

namespace PeftCluster.Quickstart;

/// <summary>The learning of byte pairs, and the committed tokenizer.</summary>
public sealed class VocabularyTests
{
    [Fact]
    public void The_pair_that_occurs_most_often_is_learnt_first_and_of_equals_the_first_in_order()
    {
        // "aab" three times: a+a and a+b three times each; then aa+b.
        Assert.Equal([("a", "a"), ("aa", "b")], BytePairTrainer.Learn(["aab\naab\naab"], 10));
    }

    [Fact]
    public void What_occurs_once_is_not_learnt() => Assert.Empty(BytePairTrainer.Learn(["abc"], 10));

    [Fact]
    public void The_committed_tokenizer_is_the_one_that_the_program_makes()
    {
        var folder = Directory.CreateTempSubdirectory("quickstart-");
        try
        {
            var data = TicketData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);
            Vocabulary.Make(folder.FullName, Recipe.Seed, data.Inputs);
            foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
                Assert.Equal(File.ReadAllText(Path.Combine(QuickstartFolder.Base, name)), File.ReadAllText(Path.Combine(folder.FullName, name)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_word_of_the_world_is_one_token_and_the_same_in_an_order_and_in_an_answer()
    {
        var tokenizer = TextTokenizer.Load(QuickstartFolder.Base);
        foreach (var word in Words.Fields.SelectMany(Words.Of))
        {
            var token = Assert.Single(tokenizer.Encode(word, addSpecialTokens: true));
            Assert.Equal(token, tokenizer.Encode($"to {word}", addSpecialTokens: true)[^1]);
        }
    }
}
