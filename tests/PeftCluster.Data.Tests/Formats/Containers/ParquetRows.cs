using Parquet;
using Parquet.Serialization;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>Parquet files that tests write: texts, a list of structs, numbers, dates, bytes, and a column of nulls.</summary>
internal static class ParquetRows
{
    public sealed class Message
    {
        public string? role { get; set; }

        public string? content { get; set; }
    }

    public sealed class Row
    {
        public string? prompt { get; set; }

        public string? completion { get; set; }

        public List<Message>? messages { get; set; }

        public List<string>? tags { get; set; }

        public int? label { get; set; }

        public double score { get; set; }

        public decimal price { get; set; }

        public DateTime when { get; set; }

        public byte[]? picture { get; set; }

        public bool good { get; set; }
    }

    public static Row Of(int number) => new()
    {
        prompt = $"p{number}",
        completion = $"c{number}",
        messages = [new Message { role = "user", content = $"hello {number}" }, new Message { role = "assistant", content = null }],
        tags = number % 2 == 0 ? [] : ["a", "é"],
        label = number % 3 == 0 ? null : number,
        score = number == 1 ? double.NaN : number + 0.5,
        price = 1.25m,
        when = new DateTime(2026, 11, 29, 0, 0, 0, DateTimeKind.Utc),
        picture = [0xFF, 0xD8],
        good = true,
    };

    public static byte[] File(int rows, int ofGroup = 1000, CompressionMethod method = CompressionMethod.Snappy)
    {
        using var stream = new MemoryStream();
        ParquetSerializer.SerializeAsync(Enumerable.Range(0, rows).Select(Of).ToList(), stream, new ParquetOptions { CompressionMethod = method, RowGroupSize = ofGroup }).GetAwaiter().GetResult();
        return stream.ToArray();
    }
}
