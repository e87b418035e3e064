using System.Text.Json.Nodes;
using PeftCluster.Data.Preflight;
using PeftCluster.Data.Tests.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Preflight;

/// <summary>The errors that most failed fine-tunes fail by: each from a fixture that has it, with the remedy in the line.</summary>
public sealed class FieldErrorsTests
{
    private const string ChatMl = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}";

    private static string Chat(string prompt) => $"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n";

    private static IReadOnlyList<Finding> Findings(PreparedJob job)
    {
        using var data = job.Prepare();
        return DataPreflight.Report(job.Spec(), data).Findings;
    }

    private static void AddToken(PreparedJob job, string text, int id) => ((JsonArray)job.Model.Tokenizer["added_tokens"]!).Add(TinyModel.Added(text, id));

    [Fact]
    public void Rows_that_are_as_they_should_be_bring_no_finding()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9)).Eval(PreparedJob.Row("x ", "y"));
        job.Model.Config["vocab_size"] = 262;
        job.Model.Write();

        Assert.Empty(Findings(job));
    }

    [Fact]
    public void All_labels_masked_is_refused_with_the_row()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a", "b"), PreparedJob.Row(new string('x', 70), "b"));

        var refused = Assert.Throws<BadInputException>(() => job.Prepare());

        Assert.Equal($"{job.TrainPath}:2: every label is masked: the prompt alone has 71 tokens, and data.max_length is 64. Shorten the prompt, raise data.max_length, or set data.on_empty: skip.", refused.Message);
    }

    [Fact]
    public void A_prompt_longer_than_the_limit_in_every_row_is_refused_even_where_rows_may_be_left_out()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row(new string('x', 70), "b"), PreparedJob.Row(new string('x', 80), "b"));

        var refused = Assert.Throws<BadInputException>(() => job.Prepare(spec => spec with { OnEmpty = OnEmpty.Skip }));

        Assert.Contains("none of its 2 rows has anything to learn", refused.Message, StringComparison.Ordinal);
        Assert.Contains("raise data.max_length", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_the_embedding_does_not_have_is_refused_with_the_first_row()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a", "b"), PreparedJob.Row("a<extra>", "b"), PreparedJob.Row("b<extra>", "b"));
        AddToken(job, "<extra>", 300);
        job.Model.Config["vocab_size"] = 262;
        job.Model.Write();

        var found = Assert.Single(Findings(job));

        Assert.Equal((FindingKind.BeyondEmbedding, Severity.Refused), (found.Kind, found.Severity));
        Assert.Equal($"data.train: 2 of 3 rows have tokens that the model's embedding does not have: id 300 (\"<extra>\"), and vocab_size in config.json is 262 (the first: {job.TrainPath}:2). Take the tokenizer that the model was made with, or save the model with a larger embedding (resize_token_embeddings).", found.Text);
    }

    [Fact]
    public void The_last_token_of_the_embedding_is_one_of_it()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a<extra>", "b"));
        AddToken(job, "<extra>", 300);
        job.Model.Config["vocab_size"] = 301;
        job.Model.Write();

        Assert.Empty(Findings(job));
    }

    [Fact]
    public void A_padding_token_that_was_added_and_no_row_uses_is_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));
        AddToken(job, "[PAD]", 262);
        job.Model.Config["vocab_size"] = 262;
        job.Model.Write();

        var found = Assert.Single(Findings(job));

        Assert.Equal((FindingKind.TokensAdded, Severity.Warning), (found.Kind, found.Severity));
        Assert.Contains("tokens up to id 262 (\"[PAD]\"), and vocab_size in config.json is 262. No row uses", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_of_begin_twice_is_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a", "b"), PreparedJob.Row("<bos>a", "b"));

        var found = Assert.Single(Findings(job));

        Assert.Equal((FindingKind.BeginTwice, Severity.Warning), (found.Kind, found.Severity));
        Assert.Equal($"data.train: 1 of 2 rows begin with \"<bos>\" twice, which the model has never seen (the first: {job.TrainPath}:2). The tokenizer puts it there by itself: take it out of the texts or the template.", found.Text);
    }

    [Fact]
    public void A_chat_template_whose_tokens_the_tokenizer_splits_is_refused()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("plain", "x"), PreparedJob.Row(Chat("hi"), "b"));
        File.WriteAllText(Path.Combine(job.Model.Folder, "chat_template.jinja"), ChatMl);

        var found = Assert.Single(Findings(job));

        Assert.Equal((FindingKind.TemplateSplit, Severity.Refused), (found.Kind, found.Severity));
        Assert.Equal($"{Path.Combine(job.Model.Folder, "chat_template.jinja")}: \"<|im_end|>\" is 10 tokens, \"<|im_start|>\" is 12 tokens (the first: {job.TrainPath}:2): the tokenizer takes apart what the template writes as one token, so the two do not belong together. Take tokenizer.json and the chat template from the same model, or a template whose tokens the tokenizer has.", found.Text);
    }

    [Fact]
    public void A_template_that_writes_roles_as_text_and_ends_turns_with_a_token_is_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row(Chat("hi"), "b"));
        AddToken(job, "<|im_end|>", 262);
        job.Model.Write();
        File.WriteAllText(Path.Combine(job.Model.Folder, "chat_template.jinja"), ChatMl);

        var found = Assert.Single(Findings(job));

        Assert.Equal((FindingKind.TemplateSplit, Severity.Warning), (found.Kind, found.Severity));
        Assert.Contains("\"<|im_start|>\" is 12 tokens", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_whose_tokens_are_tokens_brings_no_finding()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row(Chat("hi"), "b"));
        AddToken(job, "<|im_start|>", 262);
        AddToken(job, "<|im_end|>", 263);
        job.Model.Write();
        File.WriteAllText(Path.Combine(job.Model.Folder, "chat_template.jinja"), ChatMl);

        Assert.Empty(Findings(job));
    }

    [Fact]
    public void A_template_that_no_row_is_written_in_brings_no_finding()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));
        File.WriteAllText(Path.Combine(job.Model.Folder, "chat_template.jinja"), ChatMl);

        Assert.Empty(Findings(job));
    }

    [Theory]
    [InlineData("{% for m in messages %}")]
    [InlineData("{{ raise_exception('no') }}")]
    public void A_template_that_cannot_be_read_or_refuses_is_no_concern_of_rows_that_do_not_use_it(string template)
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));
        File.WriteAllText(Path.Combine(job.Model.Folder, "chat_template.jinja"), template);

        Assert.Empty(Findings(job));
    }

    [Fact]
    public void Rows_in_another_models_chat_format_are_warned_of()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("<start_of_turn>user\nhi<end_of_turn>\n", "b"));

        var found = Assert.Single(Findings(job));

        Assert.Equal((FindingKind.MarkSplit, Severity.Warning), (found.Kind, found.Severity));
        Assert.Contains("\"<end_of_turn>\" is 13 tokens", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_submit_is_refused_by_the_first_line_and_frees_the_data()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("a<extra>", "b"));
        AddToken(job, "<extra>", 300);
        job.Model.Config["vocab_size"] = 262;
        job.Model.Write();
        var data = job.Prepare();

        var refused = Assert.Throws<BadInputException>(() => DataPreflight.Passed(job.Spec(), data));

        Assert.Contains("id 300", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => data.Train.Tokens(0).Length);
    }

    [Fact]
    public void A_submit_with_warnings_goes_on_and_says_them()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("<bos>a", "b"));
        using var data = DataPreflight.Passed(job.Spec(), job.Prepare());

        Assert.Contains("twice", Assert.Single(data.Report.Warnings), StringComparison.Ordinal);
    }
}
