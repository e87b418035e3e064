using PeftCluster.Steps.Randomness;
using PeftCluster.TFew.Make;
using PeftCluster.TFew.Make.Pretraining;
using PeftCluster.TFew.Make.Tasks;

namespace PeftCluster.TFew;

/// <summary>What the base is pre-trained on: repeatable, and without the held-out family.</summary>
public sealed class FamilyTests
{
    private static readonly HeldOutData Data = HeldOutData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);

    [Fact]
    public void Equal_seeds_ask_equal_questions()
    {
        Assert.Equal(Prompts(1, 100), Prompts(1, 100));
        Assert.NotEqual(Prompts(1, 100), Prompts(2, 100));
    }

    [Fact]
    public void No_prompt_of_pre_training_is_worded_as_the_held_out_family()
    {
        string[] questions = [.. HeldOutTask.Family.Templates.SelectMany(template => Aspect.Unasked.Select(aspect => template.PromptOf("", aspect.Word).Trim()))];
        foreach (var prompt in Prompts(3, 5000))
            Assert.DoesNotContain(questions, question => prompt.StartsWith(question, StringComparison.Ordinal) || prompt.EndsWith(question, StringComparison.Ordinal));
    }

    [Fact]
    public void A_prompt_with_a_held_out_word_is_answered_with_a_kind_and_never_with_a_word_of_the_order()
    {
        string[] kinds = [.. Aspect.Unasked.SelectMany(aspect => new[] { aspect.Kind, aspect.Other }), "yes", "no"];
        string[] answers = [.. kinds, .. kinds.Select(kind => $"It is {kind}.")];
        var rows = Rows(4, 5000).Where(row => Aspect.Unasked.Any(aspect => row.Prompt.Split(' ', ':', '?').Contains(aspect.Word))).ToArray();
        Assert.InRange(rows.Length, 500, 4500);
        Assert.All(rows, row => Assert.Contains(row.Answer, answers));
    }

    [Fact]
    public void An_order_of_the_data_never_occurs()
    {
        var first = new Mixture(new PhiloxStream(5, "test"), new HashSet<string>()).Next();
        var without = new Mixture(new PhiloxStream(5, "test"), new HashSet<string> { first.Order }).Next();
        Assert.NotEqual(first.Order, without.Order);
        Assert.DoesNotContain(Rows(6, 5000), row => Data.Orders.Contains(row.Order));
    }

    [Fact]
    public void Every_family_has_several_wordings_and_every_kind_occurs()
    {
        var random = new PhiloxStream(7, "test");
        foreach (var family in Families.All)
        {
            Assert.True(family.Templates.Count >= 3, family.Name);
            Question[] questions = [.. Enumerable.Range(0, 300).Select(_ => family.Draw(random))];
            Assert.Equal(questions[0].Choices.Count, questions.Select(question => question.Right).Distinct().Count());
        }
    }

    private static IEnumerable<Row> Rows(long seed, int count)
    {
        var mixture = new Mixture(new PhiloxStream(seed, "test"), Data.Orders);
        return Enumerable.Range(0, count).Select(_ => mixture.Next());
    }

    private static string[] Prompts(long seed, int count) => [.. Rows(seed, count).Select(row => row.Prompt)];
}
