using System.Text.Json;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Conversations as training rows: what the template writes, what of it is learnt, what an evaluation asks, and what is refused.</summary>
public sealed class ConversationRowsTests : IDisposable
{
    private const string Bare = "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

    private readonly PreparedJob _job = new();

    public void Dispose() => _job.Dispose();

    [Fact]
    public void The_template_makes_the_whole_row_and_nothing_is_put_around_it()
    {
        File.WriteAllText(Path.Combine(_job.Model.Folder, "tokenizer_config.json"), "{\"bos_token\": \"<bos>\"}");
        using var data = Prepare("llama-3", Chat("user", "hi", "assistant", "yo", "user", "so", "assistant", "no"));

        Assert.Equal("<bos><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nyo<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nso<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nno<|eot_id|>", Text(data.Train.Tokens(0)));
        // The template wrote the token of begin; the tokenizer, which frames texts with it too, puts no second one before it.
        Assert.Equal(1, data.Train.Tokens(0).ToArray().Count(id => id == TinyModel.Bos));
        Assert.Equal(["yo<|eot_id|>", "no<|eot_id|>"], Learnt(data));
        Assert.Equal("no<|eot_id|>", Text(data.Train.Completion(0)));
    }

    [Theory]
    [InlineData(LossOn.AssistantTurns, "yo\n|no\n")]
    [InlineData(LossOn.LastTurn, "no\n")]
    [InlineData(LossOn.Everything, "[user]hi\n[assistant]yo\n[user]so\n[assistant]|no\n")]
    public void Without_markers_turns_are_found_by_prefixes_and_the_last_span_is_the_last_answer(LossOn lossOn, string learnt)
    {
        using var data = PrepareBare(spec => spec with { LossOn = lossOn }, Chat("user", "hi", "assistant", "yo", "user", "so", "assistant", "no"));

        Assert.Equal(learnt.Split('|'), Learnt(data));
        Assert.Equal("[user]hi\n[assistant]yo\n[user]so\n[assistant]", Text(data.Train.Prompt(0)));
        Assert.Equal("no\n", Text(data.Train.Completion(0)));
    }

    [Fact]
    public void What_stands_behind_the_last_answer_is_no_part_of_it()
    {
        using var data = PrepareBare(null, Chat("user", "hi", "assistant", "yo", "user", "bye"));

        Assert.Equal("[user]hi\n[assistant]yo\n[user]bye\n", Text(data.Train.Tokens(0)));
        Assert.Equal("yo\n", Text(data.Train.Completion(0)));
    }

    [Fact]
    public void Sharegpt_rows_are_the_same_conversations()
    {
        using var messages = PrepareBare(null, Chat("system", "s", "user", "hi", "assistant", "yo"));
        var expected = messages.Train.Tokens(0).ToArray();
        using var other = PrepareBare(
            spec => spec with { Format = DataFormat.Sharegpt },
            """{"conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "hi"}, {"from": "gpt", "value": "yo"}]}""",
            """{"system": "s", "conversations": [{"from": "user", "value": "hi"}, {"from": "assistant", "value": "yo", "weight": 1}]}""");

        Assert.Equal(expected, other.Train.Tokens(0).ToArray());
        Assert.Equal(expected, other.Train.Tokens(1).ToArray());
    }

    [Theory]
    [InlineData(DataFormat.Completion, """{"prompt": "hi", "completion": "yo"}""", "[user]hi\n[assistant]yo\n")]
    [InlineData(DataFormat.Alpaca, """{"instruction": "do", "input": "it", "output": "yo"}""", "[user]do\nit\n[assistant]yo\n")]
    [InlineData(DataFormat.Alpaca, """{"instruction": "do", "output": "yo"}""", "[user]do\n[assistant]yo\n")]
    public void Other_rows_become_a_question_and_its_answer_where_a_template_is_set(DataFormat format, string row, string text)
    {
        using var data = PrepareBare(spec => spec with { Format = format }, row);

        Assert.Equal(text, Text(data.Train.Tokens(0)));
        Assert.Equal("yo\n", Text(data.Train.Completion(0)));
    }

    [Fact]
    public void The_models_own_template_is_taken_where_none_is_named_and_by_the_word_model()
    {
        File.WriteAllText(Path.Combine(_job.Model.Folder, "chat_template.jinja"), Bare);
        using var named = Prepare("model", Chat("user", "hi", "assistant", "yo"));
        using var unnamed = Prepare(null, Chat("user", "hi", "assistant", "yo"));

        Assert.Equal("[user]hi\n[assistant]yo\n", Text(unnamed.Train.Tokens(0)));
        Assert.Equal(named.InputKey, unnamed.InputKey);
    }

    [Fact]
    public void Tools_and_variables_beside_the_messages_reach_the_template()
    {
        using var data = Prepare(
            Template("{{ tools[0].name }} {{ documents }} {{ day }} {{ strftime_now('%Y-%m-%d') }} {% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}"),
            """{"messages": [{"role": "assistant", "content": "x"}], "tools": [{"name": "t"}], "chat_template_kwargs": {"day": "Monday"}}""",
            """{"messages": [{"role": "assistant", "content": "x"}], "tools": "[{\"name\": \"t\"}]"}""");

        // One date for every machine and every day, or else the same rows would be other tokens tomorrow.
        Assert.Equal("t None Monday 2024-07-26 x", Text(data.Train.Tokens(0)));
        Assert.Equal("t None  2024-07-26 x", Text(data.Train.Tokens(1)));
    }

    [Fact]
    public void Template_and_loss_have_prepared_data_of_their_own()
    {
        var row = Chat("user", "hi", "assistant", "yo");
        using var first = Prepare("chatml", row);
        using var second = Prepare("zephyr", row);
        using var third = Prepare("chatml", spec => spec with { LossOn = LossOn.Everything }, row);

        Assert.Equal(3, new[] { first.InputKey, second.InputKey, third.InputKey }.Distinct().Count());
    }

    [Fact]
    public void A_conversation_that_is_too_long_keeps_the_answers_before_the_cut()
    {
        using var data = PrepareBare(spec => spec with { MaxLength = 24 }, Chat("user", "hi", "assistant", "yo", "user", "so", "assistant", "no"));

        Assert.Equal("[user]hi\n[assistant]yo\n[", Text(data.Train.Tokens(0))[..24]);
        Assert.Equal(["yo\n"], Learnt(data));
        Assert.Equal(1, data.Report.Train.Truncated);
    }

    [Fact]
    public void Conversations_without_an_answer_are_skipped_where_the_job_says_so()
    {
        using var data = PrepareBare(spec => spec with { OnEmpty = OnEmpty.Skip, MaxLength = 40 },
            Chat("user", "hi"), Chat("user", "hi", "assistant", " "), Chat("user", new string('x', 40), "assistant", "a"), Chat("user", "hi", "assistant", "yo"));

        Assert.Equal((1, 3), (data.Report.Train.Rows, data.Report.Train.Skipped));
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}]}""", "\"messages\" has no message of the assistant, so there is nothing to learn. Drop the row, or set data.on_empty: skip.")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": " "}]}""", "messages[1], the assistant's last, is empty, so there is nothing to learn. Drop the row, or set data.on_empty: skip.")]
    [InlineData("""{"messages": []}""", "\"messages\" is an empty list. Drop the row.")]
    [InlineData("""{"messages": "a"}""", "\"messages\" is a text, not a list of messages. Fix the row.")]
    [InlineData("""{"messages": [1]}""", "messages[0] is a number, not an object. Fix the row.")]
    [InlineData("""{"messages": [{"content": "a"}]}""", "messages[0] has no \"role\". Fix the row; if its messages have from and value, set data.format: sharegpt.")]
    [InlineData("""{"messages": [{"role": 1, "content": "a"}]}""", "messages[0]: \"role\" is a number, not a text. Fix the row.")]
    [InlineData("""{"messages": [{"role": "assistant", "content": 1}]}""", "messages[0]: \"content\" is a number, neither a text nor a list of parts. Fix the row.")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "a"}], "tools": "["}""", "\"tools\" is a text that is not JSON. Write it as a list.")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "a"}], "tools": {}}""", "\"tools\" is an object, not a list. Fix the row.")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "a"}], "chat_template_kwargs": []}""", "\"chat_template_kwargs\" is a list, not an object. Fix the row.")]
    [InlineData("""{"prompt": "a", "completion": "b"}""", "\"messages\" is missing. Format messages expects messages (a list of role and content), tools (may be missing); this row has prompt, completion. Set data.format: completion.")]
    [InlineData("""{"messages": [{"role": "user", "content": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}, {"role": "assistant", "content": "b"}]}""", "every label is masked: the first answer starts at token 87, and data.max_length is 64. Shorten what stands before it, raise data.max_length, or set data.on_empty: skip.")]
    public void A_bad_conversation_is_refused_by_its_line(string row, string line)
    {
        var refused = Assert.Throws<BadInputException>(() => PrepareBare(null, Chat("user", "hi", "assistant", "yo"), row));

        Assert.Equal($"{_job.TrainPath}:2: {line}", refused.Message);
    }

    [Theory]
    [InlineData("""{"conversations": [{"from": "bing", "value": "a"}]}""", "conversations[0]: \"bing\" is nobody that is known. Known are human, user, gpt, assistant, system, tool. Fix the row.")]
    [InlineData("""{"conversations": [{"role": "user", "content": "a"}]}""", "conversations[0] has no \"from\". Fix the row; if its messages have role, set data.format: messages.")]
    [InlineData("""{"conversations": [{"from": "gpt", "value": null}]}""", "conversations[0]: \"value\" is null, not a text. Fix the row.")]
    public void A_bad_sharegpt_row_is_refused_by_its_line(string row, string line)
    {
        var refused = Assert.Throws<BadInputException>(() => PrepareBare(spec => spec with { Format = DataFormat.Sharegpt }, row));

        Assert.Equal($"{_job.TrainPath}:1: {line}", refused.Message);
    }

    [Fact]
    public void A_last_message_of_somebody_else_is_refused_where_the_last_turn_is_learnt()
    {
        var refused = Assert.Throws<BadInputException>(() => PrepareBare(spec => spec with { LossOn = LossOn.LastTurn }, Chat("user", "a", "assistant", "b", "user", "c")));

        Assert.Equal($"{_job.TrainPath}:1: the last message is not the assistant's (user), and data.loss_on: last_turn learns from that. Drop the message, or set data.loss_on: assistant_turns.", refused.Message);
    }

    [Fact]
    public void What_a_template_refuses_is_one_line_with_the_row_and_the_templates_line()
    {
        var template = Template("{% for m in messages %}\n{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}");
        var refused = Assert.Throws<BadInputException>(() => Prepare(template, Chat("user", "a", "user", "b", "assistant", "c")));

        Assert.Equal($"{_job.TrainPath}:1: {template}:2: the template refuses the conversation: roles must alternate. Fix the conversation, or choose another template.", refused.Message);
    }

    [Fact]
    public void Texts_that_do_not_nest_are_refused_and_may_still_be_learnt_whole()
    {
        var template = Template("{% for m in messages %}[{{ m.role }}]{{ m.content if loop.last else '' }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}");
        var row = Chat("user", "a", "assistant", "b", "user", "c", "assistant", "d");

        var refused = Assert.Throws<BadInputException>(() => Prepare(template, row));
        using var whole = Prepare(template, spec => spec with { LossOn = LossOn.Everything }, row);

        Assert.StartsWith($"{_job.TrainPath}:1: {template}: the template writes the start of the conversation otherwise when", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal(["[user][assistant][user][assistant]d"], Learnt(whole));
    }

    [Fact]
    public void A_model_without_a_template_names_the_remedy()
    {
        var refused = Assert.Throws<BadInputException>(() => Prepare(null, Chat("user", "a", "assistant", "b")));

        Assert.Equal($"{_job.Model.Folder}: has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json). Set data.chat_template to the format that the model knows (alpaca, chatml, gemma, llama-2, llama-3, mistral, phi-3, vicuna, zephyr), or to the path of a template, which ends in .jinja.", refused.Message);
    }

    [Theory]
    [InlineData("{\"is_encoder_decoder\": true}", "data.format: a conversation is one text in which the assistant's turns are predicted, and the model cannot do that: an encoder reads the prompt, and only its answer is predicted. Give it rows of prompt and completion, or take a decoder (llama, gpt2, …).")]
    [InlineData("{\"model_type\": \"bert\"}", "data.format: a conversation is one text in which the assistant's turns are predicted, and the model cannot do that: a classifier reads one text and names its class. Give it rows of prompt and completion, or take a decoder (llama, gpt2, …).")]
    public void Models_that_read_and_then_answer_refuse_conversations(string config, string line)
    {
        File.WriteAllText(Path.Combine(_job.Model.Folder, "config.json"), config);
        File.WriteAllText(Path.Combine(_job.Model.Folder, "chat_template.jinja"), Bare);

        Assert.Equal(line, Assert.Throws<BadInputException>(() => Prepare(null, Chat("user", "a", "assistant", "b"))).Message);
    }

    private static string Chat(params string[] said) => JsonSerializer.Serialize(new
    {
        messages = said.Chunk(2).Select(pair => new { role = pair[0], content = pair[1] }),
    });

    private string Template(string text)
    {
        var path = Path.Combine(_job.Model.Folder, "own.jinja");
        File.WriteAllText(path, text);
        return path;
    }

    private PreparedData PrepareBare(Func<DataSpec, DataSpec>? change, params string[] rows) => Prepare(Template(Bare), change, rows);

    private PreparedData Prepare(string? template, params string[] rows) => Prepare(template, null, rows);

    private PreparedData Prepare(string? template, Func<DataSpec, DataSpec>? change, params string[] rows)
    {
        var length = template == "llama-3" || template == "chatml" || template == "zephyr" ? 400 : 64;
        return _job.Train(rows).Prepare(spec => (change ?? (same => same))(spec with { Format = DataFormat.Messages, ChatTemplate = template, MaxLength = length }));
    }

    private static List<string> Learnt(PreparedData data)
    {
        var learnt = new List<string>();
        foreach (var (start, end) in data.Train.Labelled(0))
            learnt.Add(Text(data.Train.Tokens(0)[start..end]));
        return learnt;
    }

    private static string Text(ReadOnlySpan<int> tokens) => TinyModel.TextOf(tokens);
}
