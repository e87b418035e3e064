using System.Text;
using CsCheck;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Data.Templates;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats;

/// <summary>Data files, good and bad: every refusal is one line with file, line number, what, and remedy.</summary>
public sealed class ExampleReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peft-formats-").FullName;

    private string FilePath => Path.Combine(_folder, "train.jsonl");

    [Theory]
    [InlineData("{\"prompt\":\"a\",\"completion\":\"b\"}\n\n{\"completion\":\"d\",\"prompt\":\"c\",\"id\":7}\n")]
    [InlineData("\uFEFF{\"prompt\":\"a\",\"completion\":\"b\"}\r\n  \t\r\n{\"completion\":\"d\",\"prompt\":\"c\"}")]
    public void Blank_lines_other_fields_byte_order_marks_and_line_ends_are_fine(string text) =>
        Assert.Equal([new Example(1, "a", "b"), new Example(3, "c", "d")], Read(text));

    [Fact]
    public void An_alpaca_row_may_lack_its_input()
    {
        var data = Spec() with { Format = DataFormat.Alpaca, Template = PromptTemplate.Plain };

        Assert.Equal(
            [new Example(1, "i\nx\n", "o"), new Example(2, "i\n", "o"), new Example(3, "i\n", "o"), new Example(4, "i\n", "o")],
            Read("""
                {"instruction":"i","input":"x","output":"o"}
                {"instruction":"i","input":"","output":"o"}
                {"instruction":"i","input":null,"output":"o"}
                {"instruction":"i","output":"o"}
                """, data));
    }

    [Theory]
    [InlineData("{\"prompt\":\"a\",\"completion\":", "the row is not JSON (near byte 28 of the line). Format completion expects an object on each line, with prompt, completion.")]
    [InlineData("{\"prompt\":\"a\"} {}", "the row is not JSON (near byte 16 of the line). Format completion expects an object on each line, with prompt, completion.")]
    [InlineData("[1]", "the row is a list, not an object. Format completion expects an object on each line, with prompt, completion.")]
    [InlineData("\"text\"", "the row is a text, not an object. Format completion expects an object on each line, with prompt, completion.")]
    [InlineData("{}", "\"prompt\" is missing. Format completion expects prompt, completion; this row has nothing. Fix the row, or set data.format or data.columns.")]
    [InlineData("{\"texts\":\"a\",\"labels\":1}", "\"prompt\" is missing. Format completion expects prompt, completion; this row has texts, labels. Fix the row, or set data.format or data.columns.")]
    [InlineData("{\"instruction\":\"a\",\"output\":\"b\"}", "\"prompt\" is missing. Format completion expects prompt, completion; this row has instruction, output. Set data.format: alpaca.")]
    [InlineData("{\"a\\n\\u001b[1mb\":1}", "\"prompt\" is missing. Format completion expects prompt, completion; this row has a  [1mb. Fix the row, or set data.format or data.columns.")]
    [InlineData("{\"prompt\":1,\"completion\":\"b\"}", "\"prompt\" is a number, not a text. Put it in quotes, or fix the row.")]
    [InlineData("{\"prompt\":\"a\",\"completion\":null}", "\"completion\" is null, not a text. Put it in quotes, or fix the row.")]
    [InlineData("{\"prompt\":\"a\",\"completion\":\"\"}", "\"completion\" is empty. An example needs at least one token to learn from. Drop the row, or set data.on_empty: skip.")]
    [InlineData("{\"prompt\":\"a\",\"completion\":\" \\n\"}", "\"completion\" is empty. An example needs at least one token to learn from. Drop the row, or set data.on_empty: skip.")]
    [InlineData("{\"prompt\":\"\\ud800\",\"completion\":\"b\"}", "the row has text that is not Unicode. Save the file as UTF-8, or drop the row.")]
    public void A_bad_row_is_refused_by_its_line(string row, string line)
    {
        var refused = Assert.Throws<BadInputException>(() => Read("{\"prompt\":\"a\",\"completion\":\"b\"}\n\n" + row + "\n"));

        Assert.Equal($"{FilePath}:3: {line}", refused.Message);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused_by_their_line()
    {
        File.WriteAllBytes(FilePath, [.. "{\"prompt\":\""u8, 0xFF, .. "\",\"completion\":\"b\"}"u8]);

        Assert.Equal(
            $"{FilePath}:1: the row has text that is not Unicode. Save the file as UTF-8, or drop the row.",
            Assert.Throws<BadInputException>(() => new ExampleReader(FilePath, Spec()).Read().ToList()).Message);
    }

    [Fact]
    public void Empty_completions_are_counted_where_they_may_be_skipped()
    {
        File.WriteAllText(FilePath, "{\"prompt\":\"a\",\"completion\":\"\"}\n{\"prompt\":\"c\",\"completion\":\"d\"}\n");
        var reader = new ExampleReader(FilePath, Spec() with { OnEmpty = OnEmpty.Skip });

        Assert.Equal([new Example(2, "c", "d")], reader.Read());
        Assert.Equal(1, reader.Skipped);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(FilePath))), reader.Sha256);
    }

    [Fact]
    public void A_row_of_16_MB_is_read_and_a_longer_one_refused()
    {
        var row = $"{{\"prompt\":\"\",\"completion\":\"{new string('x', JsonLines.MostRowBytes - 29)}\"}}";
        Assert.Equal(JsonLines.MostRowBytes, row.Length);

        Assert.Single(Read(row));
        Assert.Equal(
            $"{FilePath}:2: the row is longer than 16 MB. JSON Lines has one object on each line: put each row on a line of its own, or shorten it.",
            Assert.Throws<BadInputException>(() => Read("\n" + row + " \n")).Message);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_refused()
    {
        Assert.Equal(
            $"{FilePath}: no such file. data.train and data.eval name files with rows.",
            Assert.Throws<BadInputException>(() => new ExampleReader(FilePath, Spec()).Read().ToList()).Message);
        Assert.Equal(
            $"{_folder}: is a folder. Name a data file.",
            Assert.Throws<BadInputException>(() => new ExampleReader(_folder, Spec()).Read().ToList()).Message);
    }

    [Fact]
    public void Lines_are_whole_wherever_the_stream_is_cut()
    {
        var lines = Gen.Byte[(byte)'a', (byte)'z'].Array[1, 300].Array[1, 20];
        Gen.Select(lines, Gen.Int[1, 50], Gen.Bool).Sample((wanted, atOnce, lastEnd) =>
        {
            var bytes = wanted.SelectMany((line, index) => index + 1 < wanted.Length || lastEnd ? [.. line, (byte)'\n'] : line).ToArray();
            using var stream = new SlowStream(bytes, atOnce);
            var read = JsonLines.Read(stream, "f").Select(line => (line.Number, Text: line.Bytes.ToArray())).ToList();
            return read.Select(line => line.Number).SequenceEqual(Enumerable.Range(1, wanted.Length))
                && read.Zip(wanted).All(pair => pair.First.Text.AsSpan().SequenceEqual(pair.Second));
        }, iter: 300);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_never_worse()
    {
        var value = Gen.OneOf("\"a\"", "\"\\ud83d\"", "\"\"", "null", "1", "[]", "{}", "\"\\n\"", "\"a");
        var row = Gen.Select(Gen.OneOf("prompt", "instruction", "\\ud800"), value, Gen.OneOf("completion", "output"), value,
            (first, one, second, two) => $"{{\"{first}\":{one},\"{second}\":{two}}}\n");
        var part = Gen.OneOf(Gen.Byte.Array[0, 3], row.Select(Encoding.UTF8.GetBytes), row.Select(Encoding.UTF8.GetBytes));
        part.Array[0, 4].Select(parts => parts.SelectMany(bytes => bytes).ToArray()).Sample(
            bytes =>
            {
                File.WriteAllBytes(FilePath, bytes);
                foreach (var data in new[] { Spec(), Spec() with { Format = DataFormat.Alpaca } })
                {
                    try
                    {
                        _ = new ExampleReader(FilePath, data).Read().ToList();
                    }
                    catch (BadInputException refused)
                    {
                        Assert.StartsWith(FilePath + ":", refused.Message, StringComparison.Ordinal);
                        Assert.DoesNotContain('\n', refused.Message);
                    }
                }
            },
            iter: 1_000, threads: 1);
    }

    [Fact]
    public void The_alpaca_template_is_Stanfords()
    {
        Assert.Equal(
            "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n",
            InstructionPrompt.Of(PromptTemplate.Alpaca, "Add.", "1 2"));
        Assert.Equal(
            "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Response:\n",
            InstructionPrompt.Of(PromptTemplate.Alpaca, "Add.", ""));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private DataSpec Spec() => new() { Train = FilePath };

    private List<Example> Read(string text, DataSpec? data = null)
    {
        File.WriteAllText(FilePath, text);
        return [.. new ExampleReader(FilePath, data ?? Spec()).Read()];
    }

    private sealed class SlowStream(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atOnce));
    }
}
