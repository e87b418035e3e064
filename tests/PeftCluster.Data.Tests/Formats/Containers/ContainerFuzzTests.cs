using System.Diagnostics;
using System.Text;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>
/// Damaged files of every container, packed and not: bytes changed, cut off, doubled. Each ends in rows or in one line, within the limits of time and memory.
/// The cases follow from their number, so a failure names one that can be run again.
/// </summary>
public sealed class ContainerFuzzTests : IDisposable
{
    private const int Cases = 300;
    private const long MostMemory = 200 << 20;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.jsonl", false)]
    [InlineData("rows.jsonl.gz", true)]
    [InlineData("rows.jsonl.gz", false)]
    [InlineData("rows.jsonl.zst", true)]
    [InlineData("rows.jsonl.zst", false)]
    [InlineData("rows.json", false)]
    [InlineData("rows.json.gz", false)]
    [InlineData("rows.csv", false)]
    [InlineData("rows.csv.zst", false)]
    [InlineData("rows.tsv", false)]
    [InlineData("rows.parquet", false)]
    [InlineData("rows.parquet.gz", true)]
    [InlineData("rows.parquet.zst", false)]
    public async Task Damage_is_refused_or_read_never_worse(string name, bool outside)
    {
        var sound = Sound(name);
        var read = 0;
        var cancellation = TestContext.Current.CancellationToken;
        for (var number = 0; number < Cases; number++)
        {
            var random = new Random(number);
            // Either what is packed is damaged, or the packing is.
            var bytes = outside ? Damaged(DataFolder.Packed(name, sound), random) : DataFolder.Packed(name, Damaged(sound, random));
            File.WriteAllBytes(_folder.PathOf(name), bytes);
            var skip = number % 2 == 0;
            read += await Task.Run(() => ReadOrRefuse(name, number, skip), cancellation).WaitAsync(MostTime, cancellation);
        }
        Assert.InRange(read, outside ? 0 : 1, Cases - 1);
    }

    private int ReadOrRefuse(string name, int number, bool skip)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var rows = 0;
        try
        {
            rows = DataFolder.Read(_folder.PathOf(name), data => data with { OnBadRow = skip ? OnBadRow.Skip : OnBadRow.Refuse, OnEmpty = OnEmpty.Skip }).Count;
        }
        catch (BadInputException refused)
        {
            Assert.StartsWith(_folder.PathOf(name) + ":", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }
        catch (Exception crash) when (crash is not UnreachableException)
        {
            Assert.Fail($"{name}, case {number}: {crash}");
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
        return rows > 0 ? 1 : 0;
    }

    private static byte[] Sound(string name)
    {
        var numbers = Enumerable.Range(0, 30);
        string Row(int row) => $"{{\"prompt\": \"p{row} é \\u00e4 \\\"x\\\"\", \"completion\": \"c{row}\", \"more\": [1.5, null, {{\"a\": true}}]}}";
        var text = name.Split('.')[1] switch
        {
            "jsonl" => string.Concat(numbers.Select(row => Row(row) + "\n")),
            "json" => $"[{string.Join(",\n", numbers.Select(Row))}]",
            "csv" => "prompt,completion,more\n" + string.Concat(numbers.Select(row => $"\"p{row}, \"\"é\"\"\nx\",c{row},\n")),
            "tsv" => "prompt\tcompletion\n" + string.Concat(numbers.Select(row => $"p{row}\tc{row}\n")),
            _ => null,
        };
        return text is null ? ParquetRows.File(30, ofGroup: 12) : Encoding.UTF8.GetBytes(text);
    }

    private static byte[] Damaged(byte[] sound, Random random)
    {
        var bytes = sound.ToArray();
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            // A third hits the end, where Parquet says what it holds; another the start, where packed data does.
            var at = random.Next(3) switch { 0 => random.Next(Math.Min(64, bytes.Length)), 1 => bytes.Length - 1 - random.Next(Math.Min(2000, bytes.Length)), _ => random.Next(bytes.Length) };
            bytes[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"\"{}[],:\n\t\\\0"[random.Next(11)];
        }
        var cut = random.Next(bytes.Length);
        return random.Next(10) switch { 0 => bytes[..cut], 1 => [.. bytes[..cut], .. bytes[(cut / 2)..]], _ => bytes };
    }
}
