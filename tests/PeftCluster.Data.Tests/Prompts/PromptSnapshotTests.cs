using System.Text.Json.Nodes;
using PeftCluster.Data.Prompts;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Prompts;

/// <summary>Whole prompts as a model reads them, token by token, of a model without an encoder (begin, and a space before each answer) and of one with an encoder (end).</summary>
public sealed class PromptSnapshotTests : IDisposable
{
    private readonly TinyModel _llama = new();
    private readonly TinyModel _t5 = new();

    public void Dispose()
    {
        _llama.Dispose();
        _t5.Dispose();
    }

    [Theory]
    [InlineData(0, "<bos>X=4?")]
    [InlineData(1, "<bos>D=3? odd\n\nX=4?")]
    [InlineData(4, "<bos>D=3? odd\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?")]
    public void Plain_llama(int shots, string prompt) => Assert.Equal(prompt, Llama(new EvaluationSpec(), shots));

    [Theory]
    [InlineData(0, "X=4?<eos>")]
    [InlineData(1, "D=3? odd\n\nX=4?<eos>")]
    [InlineData(4, "D=3? odd\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?<eos>")]
    public void Plain_t5(int shots, string prompt) => Assert.Equal(prompt, T5(new EvaluationSpec(), shots));

    [Theory]
    [InlineData(0, "<bos>X=4?", "X=4?<eos>")]
    [InlineData(1, "<bos>Odd or even\n\nD=3? odd\n\nX=4?", "Odd or even\n\nD=3? odd\n\nX=4?<eos>")]
    [InlineData(4, "<bos>Odd or even\n\nD=3? odd\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?", "Odd or even\n\nD=3? odd\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?<eos>")]
    public void Described(int shots, string llama, string t5)
    {
        var spec = new EvaluationSpec { Description = "Odd or even" };
        Assert.Equal((llama, t5), (Llama(spec, shots), T5(spec, shots)));
    }

    [Theory]
    [InlineData(1, "<bos>D=3? even\n\nX=4?", "D=3? even\n\nX=4?<eos>")]
    [InlineData(4, "<bos>D=3? even\n\nE=4? even\n\nA=0? even\n\nB=1? even\n\nX=4?", "D=3? even\n\nE=4? even\n\nA=0? even\n\nB=1? even\n\nX=4?<eos>")]
    public void Half_of_the_answers_wrong(int shots, string llama, string t5)
    {
        var spec = new EvaluationSpec { WrongLabels = 0.5 };
        Assert.Equal((llama, t5), (Llama(spec, shots), T5(spec, shots)));
    }

    [Theory]
    [InlineData(1, "<bos>B=1? odd\n\nX=4?", "B=1? odd\n\nX=4?<eos>")]
    [InlineData(4, "<bos>B=1? odd\n\nA=0? even\n\nD=3? odd\n\nC=2? even\n\nX=4?", "B=1? odd\n\nA=0? even\n\nD=3? odd\n\nC=2? even\n\nX=4?<eos>")]
    public void Balanced(int shots, string llama, string t5)
    {
        var spec = new EvaluationSpec { Balanced = true, DemonstrationsSeed = 2 };
        Assert.Equal((llama, t5), (Llama(spec, shots), T5(spec, shots)));
    }

    [Theory]
    [InlineData(60, "<bos>Odd or even\n\nD=3? odd\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?", "Odd or even\n\nD=3? odd\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?<eos>")]
    [InlineData(59, "<bos>Odd or even\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?", "Odd or even\n\nE=4? even\n\nA=0? even\n\nB=1? odd\n\nX=4?<eos>")]
    [InlineData(34, "<bos>Odd or even\n\nB=1? odd\n\nX=4?", "Odd or even\n\nB=1? odd\n\nX=4?<eos>")]
    [InlineData(20, "<bos>X=4?", "X=4?<eos>")]
    public void Cut_from_the_oldest_example(int mostTokens, string llama, string t5)
    {
        var spec = new EvaluationSpec { Description = "Odd or even" };
        Assert.Equal((llama, t5), (Llama(spec, 4, mostTokens), T5(spec, 4, mostTokens)));
    }

    [Fact]
    public void One_template_asks_behind_examples_in_its_own_words()
    {
        var tokenizer = _llama.Load();
        var train = new ChoiceTexts(tokenizer, 2).Add("A=0?", 1, " odd", " even").Add("Is 0 odd?", 1, " yes", " no");
        var asked = new ChoiceTexts(tokenizer, 2).Add("X=4?", 1, " odd", " even").Add("Is 4 odd?", 1, " yes", " no");
        var prompts = new FewShotPrompts(train, asked, tokenizer, new EvaluationSpec());

        Assert.Equal("<bos>A=0? even\n\nX=4?", TinyModel.TextOf(prompts.Prompt(0, 1).Tokens));
        Assert.Equal("<bos>Is 0 odd? no\n\nIs 4 odd?", TinyModel.TextOf(prompts.Prompt(1, 1).Tokens));
    }

    [Fact]
    public void A_tokenizer_that_begins_each_text_with_a_space_needs_no_further_one()
    {
        _t5.Config["is_encoder_decoder"] = true;
        File.Copy(Path.Combine(GoldenFolder.Of("tokenizers", "unigram"), "tokenizer.json"), _t5.Write().TokenizerPath, overwrite: true);
        var tokenizer = TextTokenizer.Load(_t5.Folder);
        var rows = new ChoiceTexts(tokenizer).Add("is it red?", 0, "yes", "no");

        var prompt = new FewShotPrompts(rows, rows, tokenizer, new EvaluationSpec()).Prompt(0, 1);

        var shown = tokenizer.Decode(prompt.Tokens, skipSpecialTokens: true);
        // The tokenizer does not know the question mark.
        Assert.StartsWith("is it red yes", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_prompts_share_is_all_before_the_question()
    {
        var prompts = Prompts(_llama.Load(), " ", new EvaluationSpec { Description = "Odd or even" });
        var prompt = prompts.Prompt(0, 4);

        Assert.Equal("X=4?", TinyModel.TextOf(prompt.Tokens.AsSpan(prompt.Shared)));
        Assert.Equal((4, 0), (prompt.Examples, prompt.LeftOut));
        Assert.Equal(0, Prompts(_llama.Load(), " ", new EvaluationSpec { SharedExamples = false }).Prompt(0, 4).Shared);
    }

    private string Llama(EvaluationSpec spec, int shots, int mostTokens = int.MaxValue) =>
        TinyModel.TextOf(Prompts(_llama.Load(), " ", spec).Prompt(0, shots, mostTokens).Tokens);

    private string T5(EvaluationSpec spec, int shots, int mostTokens = int.MaxValue)
    {
        _t5.Config["is_encoder_decoder"] = true;
        _t5.Tokenizer["post_processor"] = JsonNode.Parse("""
            {"type": "TemplateProcessing", "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1]}},
             "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}]}
            """);
        return TinyModel.TextOf(Prompts(_t5.Load(), "", spec).Prompt(0, shots, mostTokens).Tokens);
    }

    private static FewShotPrompts Prompts(TextTokenizer tokenizer, string space, EvaluationSpec spec)
    {
        var train = new ChoiceTexts(tokenizer);
        for (var number = 0; number < 5; number++)
            train.Add($"{(char)('A' + number)}={number}?", 1 - number % 2, $"{space}odd", $"{space}even");
        return new FewShotPrompts(train, new ChoiceTexts(tokenizer).Add("X=4?", 1, $"{space}odd", $"{space}even"), tokenizer, spec);
    }
}
