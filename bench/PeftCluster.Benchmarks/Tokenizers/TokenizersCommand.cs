using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Tokenizers;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Benchmarks.Tokenizers;

/// <summary>
/// <c>tokenizers</c>: how long a megabyte of English takes one thread, for every kind in a folder of golden cases, beside
/// Microsoft.ML.Tokenizers where it has the kind; and how many of the hard texts get the expected ids from each.
/// </summary>
internal static class TokenizersCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--cases") { Description = "A folder of golden cases.", DefaultValueFactory = _ => "tests/golden/tokenizers" };
        var text = new Option<string>("--text") { Description = "A folder whose *.md files are the text, repeated to a megabyte.", DefaultValueFactory = _ => "docs" };
        var json = Reading.Json();
        var command = new Command("tokenizers", "A megabyte of English as tokens, beside Microsoft.ML.Tokenizers.") { folder, text, json };
        command.SetAction(parsed =>
        {
            var megabyte = Megabyte(parsed.GetRequiredValue(text));
            List<Row> rows = [.. Directory.GetDirectories(parsed.GetRequiredValue(folder)).Order(StringComparer.Ordinal).Select(one => Measure(one, megabyte))];
            if (parsed.GetValue(json))
                Console.WriteLine(Reading.JsonOf(new { Machine.Here, rows }));
            else
                rows.ForEach(row => Console.WriteLine(row));
        });
        return command;
    }

    /// <summary>One kind. Seconds are wall clock on one thread: the best of five, and the first, which meets every word anew.</summary>
    private sealed record Row(string Kind, double Seconds, double FirstSeconds, double AllocatedMegabytes, int Tokens, string Equal, double? LibrarySeconds, string? LibraryEqual)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Kind,-24} {Seconds:0.000} s (first {FirstSeconds:0.000}), {AllocatedMegabytes:0.0} MB allocated, {Tokens:N0} tokens, {Equal} equal; library {(LibrarySeconds is { } seconds ? $"{seconds:0.000} s, {LibraryEqual} equal" : "–")}");
    }

    private static Row Measure(string folder, string text)
    {
        var tokenizer = TextTokenizer.Load(folder);
        var first = Time(() => tokenizer.Encode(text, addSpecialTokens: false));
        var best = Enumerable.Range(0, 5).Min(_ => Time(() => tokenizer.Encode(text, addSpecialTokens: false)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tokens = tokenizer.Encode(text, addSpecialTokens: false).Length;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var (library, libraryEqual) = (LibraryTokenizer.Open(folder), (string?)null);
        var librarySeconds = library is null ? (double?)null : Enumerable.Range(0, 2).Min(_ => Time(() => library.EncodeToIds(text)));
        if (library is not null)
            libraryEqual = Equal(folder, hard => Ids(library, hard));
        return new Row(Path.GetFileName(folder), best, first, allocated / 1e6, tokens, Equal(folder, hard => tokenizer.Encode(hard, addSpecialTokens: false)), librarySeconds, libraryEqual);
    }

    private static int[] Ids(Tokenizer library, string text) =>
        library is BertTokenizer bert ? [.. bert.EncodeToIds(text, addSpecialTokens: false, considerPreTokenization: true, considerNormalization: true)] : [.. library.EncodeToIds(text)];

    private static string Equal(string folder, Func<string, int[]> encode)
    {
        var rows = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsArray();
        var equal = rows.Count(row => encode((string)row!["text"]!).SequenceEqual(row["ids_no_special"]!.AsArray().Select(id => (int)id!)));
        return $"{equal} of {rows.Count}";
    }

    private static double Time(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static string Megabyte(string folder)
    {
        var pages = string.Join("\n\n", Directory.GetFiles(folder, "*.md").Order(StringComparer.Ordinal).Select(File.ReadAllText));
        var text = new StringBuilder();
        while (text.Length < 1_000_000)
            text.Append(pages).Append("\n\n");
        return text.ToString(0, 1_000_000);
    }
}
