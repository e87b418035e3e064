using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PeftCluster.Data.Tasks;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// What prepared data is addressed by: the hash of all that decides its bytes. File names and folders are not part of
/// it, so a copied or renamed data file finds its tokens again.
/// </summary>
internal static class InputKey
{
    /// <param name="input">Files, mixture and split.</param>
    /// <param name="making">Format, limits and policies, and what made texts and tokens.</param>
    public static string Of(SetInput input, RowMaking making)
    {
        var (data, tokenizer, chat, task) = making;
        var template = chat is not null ? $"chat {chat.Hash}" : data.Format == DataFormat.Alpaca ? data.Template.ToString() : "none";
        return Hash(string.Create(CultureInfo.InvariantCulture,
            $"prepared rows {ShardFile.Version}\n{Files(input)}format {data.Format}, template {template}, {data.LossOn}\n"
            + $"max_length {data.MaxLength}, {data.OnTooLong}, {data.OnEmpty}\ntokenizer {tokenizer.Hash}\nshards {input.Shards}, seed {input.Seed}\n")
            + Added(input, data, task));
    }

    /// <summary>Each file in order, and what its entry says of how often its rows are taken.</summary>
    private static string Files(SetInput input)
    {
        var text = new StringBuilder();
        foreach (var entry in input.Entries)
        {
            if (!entry.Source.IsPlain)
                text.Append(CultureInfo.InvariantCulture, $"entry of {entry.Files.Count} files, weight {entry.Source.Weight:R}, epochs {entry.Source.Epochs:R}\n");
            foreach (var file in entry.Files)
                text.Append(CultureInfo.InvariantCulture, $"file {file.Sha256}{(file.Container == "jsonl" ? "" : $" {file.Container}")}\n");
        }
        return text.ToString();
    }

    /// <summary>What came later, where it is used: rows of jobs without it keep their key.</summary>
    private static string Added(SetInput input, DataSpec data, DataTask? task)
    {
        var text = new StringBuilder();
        if (input.Split is { } split)
            text.Append(CultureInfo.InvariantCulture, $"held out {split.Fraction:R}, seed {split.Seed}, {(split.HeldOut ? "these" : "the others")}\n");
        if (data.Columns is { } columns)
            text.Append(CultureInfo.InvariantCulture, $"columns {JsonSerializer.Serialize(columns.ToArray())}\n");
        if (data.MinLength > 1)
            text.Append(CultureInfo.InvariantCulture, $"min_length {data.MinLength}\n");
        if (data.DropDuplicates)
            text.Append("no duplicates\n");
        if (data.OnBadRow != OnBadRow.Refuse)
            text.Append(CultureInfo.InvariantCulture, $"bad rows {data.OnBadRow}\n");
        if (input.Draw is { } draw)
            text.Append(CultureInfo.InvariantCulture, $"examples {draw.Count?.ToString(CultureInfo.InvariantCulture) ?? "all"}, seed {draw.Seed}{(draw.Balanced ? ", balanced" : "")}{(draw.Shuffled ? ", shuffled" : "")}\n");
        if (task is not null)
            text.Append(CultureInfo.InvariantCulture, $"task {task.Hash}\n");
        return text.ToString();
    }

    /// <summary>The key of training and held-out rows together.</summary>
    public static string Of(string train, string? eval) => Hash($"{train} {eval}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
