using System.Text;
using CsCheck;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Formats.Containers;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>JSON files: a list, an object with a list, objects one after another; the places that refusals name.</summary>
public sealed class JsonListTests : IDisposable
{
    private const string Two = """{"prompt": "a", "completion": "b"}, {"completion": "d", "prompt": "c"}""";

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData($"[{Two}]")]
    [InlineData($"\uFEFF \r\n[\n{Two}\n]\n")]
    [InlineData("{\"version\": [1, {\"data\": 2}], \"data\": [" + Two + "], \"more\": {}}")]
    [InlineData("{\"rows\": [" + Two + "]}")]
    [InlineData("{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"completion\": \"d\", \"prompt\": \"c\"}\n")]
    public void Rows_are_the_elements_of_the_list_or_the_objects(string text) =>
        Assert.Equal([new Example(1, "a", "b"), new Example(2, "c", "d")], DataFolder.Read(_folder.Write("rows.json", text)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData(" { \"data\" : [ ] } ")]
    public void A_file_may_have_no_rows(string text) => Assert.Empty(DataFolder.Read(_folder.Write("rows.json", text)));

    [Theory]
    [InlineData("[1]", ": row 1: the row is a number, not an object. Format completion expects a list of objects, with prompt, completion.")]
    [InlineData("[{\"prompt\": \"a\", \"completion\": \"b\"}, {}]", ": row 2: \"prompt\" is missing. Format completion expects prompt, completion; this row has nothing. Fix the row, or set data.format or data.columns.")]
    [InlineData("[{\"prompt\": \"a\", \"completion\": \"b\"}, {\"prompt\" 1}]", ": row 2: the text is not JSON from here on, or the file is cut off, so nothing after it can be read. Mend it, or write JSON Lines, where a line spoils no other.")]
    [InlineData("[{\"prompt\": \"a\", \"completion\": \"b\"},", ": row 2: the text is not JSON from here on, or the file is cut off, so nothing after it can be read. Mend it, or write JSON Lines, where a line spoils no other.")]
    [InlineData("[{\"prompt\": \"a\", \"completion\": \"b\"}] []", ": row 2: text follows the end of the list. Remove it.")]
    [InlineData("\"rows\"", ": row 1: the file starts with neither [ nor {. Write a list of objects, or an object whose data is one.")]
    [InlineData("{\"prompt\": {\"x\": []}, \"completion\": []}", ": row 1: \"prompt\" is an object, not a text. Put it in quotes, or fix the row.")]
    public void What_is_wrong_is_refused_by_the_row(string text, string line)
    {
        var path = _folder.Write("rows.json", text);

        Assert.Equal(path + line, DataFolder.Refusal(path));
    }

    [Fact]
    public void A_row_of_16_MB_is_read_and_a_longer_one_refused()
    {
        string Row(int length) => $"{{\"prompt\":\"\",\"completion\":\"{new string('x', length - 29)}\"}}";

        Assert.Single(DataFolder.Read(_folder.Write("rows.json", $"[{Row(JsonLines.MostRowBytes)}]")));
        Assert.EndsWith(": row 2: the row is longer than 16 MB. Shorten it.", DataFolder.Refusal(_folder.Write("rows.json", $"[{Row(100)}, {Row(JsonLines.MostRowBytes + 1)}]")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_object_longer_than_memory_gives_the_rows_of_its_list()
    {
        var padding = new string('x', 1 << 20);
        var rows = string.Join(",", Enumerable.Range(0, 20).Select(row => $"{{\"prompt\":\"{row}\",\"completion\":\"{padding}\"}}"));
        var path = _folder.Write("rows.json", $"{{\"about\": {{\"rows\": [{{}}]}}, \"data\": [{rows}], \"end\": [[]]}}");

        Assert.Equal(Enumerable.Range(0, 20).Select(row => $"{row}"), DataFolder.Read(path).Select(example => example.Prompt));
        Assert.EndsWith("has no list named data or rows. Write a list of objects.", DataFolder.Refusal(_folder.Write("other.json", $"{{\"list\": [{rows}]}}")), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_whole_wherever_the_stream_is_cut()
    {
        var rows = Gen.Select(Gen.String, Gen.Int).Select((text, number) => $"{{\"p\": {System.Text.Json.JsonSerializer.Serialize(text)}, \"n\": [{number}]}}").Array[0, 30];
        Gen.Select(rows, Gen.OneOf(",", " , \n"), Gen.Int[1, 40]).Sample((wanted, separator, atOnce) =>
        {
            using var stream = new SlowStream(Encoding.UTF8.GetBytes($"[{string.Join(separator, wanted)}]"), atOnce);
            return new JsonListContainer().Read(stream, "f").Select(row => row.Element.GetRawText()).SequenceEqual(wanted);
        }, iter: 300, threads: 1);
    }

    private sealed class SlowStream(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, atOnce)]);
    }
}
