using PeftCluster.Data.Prompts;

namespace PeftCluster.Data.Tests.Prompts;

/// <summary>Which token ends an answer, by the answer itself.</summary>
public sealed class AnswerEndTests
{
    private const int TurnEnd = 300;

    [Theory]
    [InlineData("yo<eos>", TinyModel.Eos)]
    [InlineData("yo<turn>\n", TurnEnd)]
    [InlineData("<turn>yo<eos> \n", TinyModel.Eos)]
    [InlineData("<turn>", TurnEnd)]
    [InlineData("<turn>yo", null)]
    [InlineData("\n", null)]
    [InlineData("", null)]
    public void It_is_the_last_special_token_where_only_blanks_follow(string answer, int? end)
    {
        using var model = new TinyModel();
        model.Tokenizer["added_tokens"]!.AsArray().Add((System.Text.Json.Nodes.JsonNode)TinyModel.Added("<turn>", TurnEnd));
        var tokenizer = model.Load();

        Assert.Equal(end, AnswerEnd.Of(tokenizer.Encode(answer, addSpecialTokens: false), tokenizer));
    }
}
