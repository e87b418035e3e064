using System.Text;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>
/// Damaged rows of every shape, through reader and encoder: each ends in rows that make sense, or in one line that names file and line. The
/// cases follow from their number, so a failure names one that can be run again.
/// </summary>
public sealed class ConversationFuzzTests : IDisposable
{
    private const int Cases = 4000;

    private static readonly (DataFormat Format, string Row)[] Rows =
    [
        (DataFormat.Messages, """{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "é👋"}, {"role": "assistant", "content": "yo\n", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1.0}}}]}, {"role": "tool", "content": "[]"}, {"role": "assistant", "content": [{"type": "text", "text": "a"}]}], "tools": [{"name": "f"}], "chat_template_kwargs": {"k": null}}"""),
        (DataFormat.Messages, """{"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "tools": "[{\"name\": \"f\"}]", "documents": []}"""),
        (DataFormat.Sharegpt, """{"system": "s", "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}, {"from": "human", "value": "c"}, {"from": "gpt", "value": "d"}], "tools": null}"""),
        (DataFormat.Preference, """{"prompt": [{"role": "user", "content": "q"}], "chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}"""),
        (DataFormat.Preference, """{"prompt": "q", "chosen": "a", "rejected": "b"}"""),
        (DataFormat.Text, """{"text": "a document of some length\nand more of it"}"""),
        (DataFormat.Completion, """{"prompt": "q", "completion": "a"}"""),
        (DataFormat.Alpaca, """{"instruction": "q", "input": "", "output": "a"}"""),
    ];

    private static readonly string[] Bits = ["{", "}", "[", "]", "\"", ":", ",", "null", "true", "1e999", "12345678901234567890", "{}", "[]", "\"\"", "\\ud800", "\\u0000", "\\n", "role", "content", "assistant", "user", "from", "value", "gpt", "<bos>", "<eos>", "<|im_end|>", "é", "\u0301", "🙂", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["];

    private static readonly DamagedText _damaged = new(Bits, longest: 10, times: 4);

    private readonly TinyModel _model = new();
    private readonly string _path;

    public ConversationFuzzTests() => _path = Path.Combine(_model.Folder, "rows.jsonl");

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_damaged_row_ends_in_tokens_or_in_one_line()
    {
        _model.Tokenizer["normalizer"] = System.Text.Json.Nodes.JsonNode.Parse("""{"type": "NFC"}""");
        var (tokenizer, read) = (_model.Load(), 0);
        ChatTemplate[] templates = [NamedTemplates.Of("chatml"), NamedTemplates.Of("llama-2"), ChatTemplate.Parse("own.jinja", "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}", new Dictionary<string, string>())];
        for (var number = 0; number < Cases; number++)
        {
            var random = new Random(number);
            var (format, row) = Rows[random.Next(Rows.Length)];
            var data = new DataSpec
            {
                Train = _path,
                Format = format,
                MaxLength = 8 + random.Next(200),
                OnEmpty = (OnEmpty)random.Next(2),
                OnTooLong = (OnTooLong)random.Next(2),
                LossOn = (LossOn)random.Next(3),
                ChatTemplate = format is DataFormat.Completion or DataFormat.Alpaca && random.Next(2) == 0 ? "chatml" : null,
            };
            var isChat = format is DataFormat.Messages or DataFormat.Sharegpt || data.ChatTemplate is not null;
            try
            {
                read += Read(Damaged(row, random), data, isChat ? templates[random.Next(templates.Length)] : null, tokenizer);
            }
            catch (BadInputException refused)
            {
                Assert.StartsWith($"{_path}:2: ", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(refused.Message, char.IsControl);
            }
            catch (RowRefused refused) // its line is named by whoever reads the set
            {
                Assert.DoesNotContain(refused.Message, char.IsControl);
            }
            catch (Exception crash)
            {
                Assert.Fail($"case {number}: {crash}\n{row}");
            }
        }
        Assert.InRange(read, Cases / 20, Cases);
    }

    private int Read(byte[] row, DataSpec data, ChatTemplate? template, PeftCluster.Data.Tokenizers.TextTokenizer tokenizer)
    {
        File.WriteAllBytes(_path, [(byte)'\n', .. row]);
        var examples = new ExampleReader(_path, data).Read();
        if (data.Format == DataFormat.Preference)
            return examples.Count();
        var (encoder, count) = (RowEncoders.Of(new RowPlaces(_path, HasLines: true), data, tokenizer, template, task: null), 0);
        foreach (var encoded in examples.SelectMany(encoder.Encode))
        {
            Assert.InRange(encoded.Tokens.Count, 1, data.MaxLength);
            Assert.True(LabelSpan.AreSound(encoded.Spans, encoded.Tokens.Count));
            Assert.True(LabelSpan.Labels(encoded.Spans) > 0);
            count++;
        }
        return count;
    }

    private static byte[] Damaged(string row, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(_damaged.Of(row, random).ReplaceLineEndings(" "));
        if (random.Next(8) == 0 && bytes.Length > 0)
            bytes[random.Next(bytes.Length)] = (byte)(random.Next(256) is var value && value == '\n' ? 0 : value);
        return bytes;
    }
}
