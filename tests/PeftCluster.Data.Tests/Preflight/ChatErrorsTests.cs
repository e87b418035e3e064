using System.Text.Json.Nodes;
using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tests.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Preflight;

/// <summary>The errors that come with a chat template, from rows of messages that the template itself renders.</summary>
public sealed class ChatErrorsTests : IDisposable
{
    private const string Row = """{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"so"}]}""";

    private readonly PreparedJob _job = new PreparedJob().Train(Row);

    public void Dispose() => _job.Dispose();

    [Fact]
    public void A_template_and_a_tokenizer_that_belong_together_bring_no_finding() =>
        Assert.Empty(Findings(Template("{{ m.content }}<|im_end|>"), "<|im_start|>", "<|im_end|>"));

    [Fact]
    public void A_template_whose_tokens_the_tokenizer_splits_is_refused()
    {
        var found = Assert.Single(Findings(Template("{{ m.content }}<|im_end|>")), finding => finding.Severity == Severity.Refused);

        Assert.Equal(FindingKind.TemplateSplit, found.Kind);
        Assert.Contains($"\"<|im_end|>\" is 10 tokens, \"<|im_start|>\" is 12 tokens (the first: {_job.TrainPath}:1)", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_template_that_the_tokenizer_does_not_know_is_refused_by_its_name()
    {
        var found = Assert.Single(Findings(null), finding => finding.Severity == Severity.Refused);

        Assert.StartsWith("chat template llama-3: \"<|begin_of_text|>\" is ", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generation_block_that_ends_before_the_end_of_the_turn_is_warned_of()
    {
        var found = Assert.Single(Findings(Template("{{ m.content }}", behind: "<|im_end|>"), "<|im_start|>", "<|im_end|>"));

        Assert.Equal((FindingKind.EndMasked, Severity.Warning), (found.Kind, found.Severity));
        Assert.StartsWith("data.train: 1 of 1 rows have \"<eos>\" or \"<|im_end|>\" behind the answer without a label", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_ends_no_turn_is_warned_of() =>
        Assert.Equal(FindingKind.EndMissing, Assert.Single(Findings(Template("{{ m.content }}"), "<|im_start|>")).Kind);

    [Fact]
    public void A_template_that_writes_the_token_of_begin_twice_is_warned_of() =>
        Assert.Equal(FindingKind.BeginTwice, Assert.Single(Findings("<bos><bos>" + Template("{{ m.content }}<|im_end|>"), "<|im_start|>", "<|im_end|>")).Kind);

    [Fact]
    public void A_conversation_without_an_answer_has_all_labels_masked_and_is_refused()
    {
        _job.Train(Row, """{"messages":[{"role":"user","content":"hi"}]}""");

        Assert.StartsWith($"{_job.TrainPath}:2: ", Assert.Throws<BadInputException>(() => Findings(Template("{{ m.content }}<|im_end|>"), "<|im_start|>", "<|im_end|>")).Message, StringComparison.Ordinal);
    }

    private static string Template(string answer, string behind = "") =>
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}" + answer + "{% endgeneration %}" + behind + "{% else %}{{ m.content }}{% endif %}\n{% endfor %}";

    /// <param name="template">The model's own; null: Llama 3's by its name.</param>
    /// <param name="tokens">What the tokenizer has besides.</param>
    private IReadOnlyList<Finding> Findings(string? template, params string[] tokens)
    {
        foreach (var token in tokens)
            ((JsonArray)_job.Model.Tokenizer["added_tokens"]!).Add(TinyModel.Added(token, 262 + Array.IndexOf(tokens, token)));
        _job.Model.Write();
        if (template is not null)
            File.WriteAllText(Path.Combine(_job.Model.Folder, "chat_template.jinja"), template);
        var spec = _job.Spec(data => data with { Format = DataFormat.Messages, ChatTemplate = template is null ? "llama-3" : null, MaxLength = 400 });
        using var data = DataPreparation.Prepare(spec, _job.Cache);
        return DataPreflight.Report(spec, data).Findings;
    }
}
