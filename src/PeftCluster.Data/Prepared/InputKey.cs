using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// What prepared data is addressed by: the hash of all that decides its bytes. File names and folders are not part of
/// it, so a copied or renamed data file finds its tokens again.
/// </summary>
internal static class InputKey
{
    /// <param name="sha256">Hash of the data file.</param>
    /// <param name="data">Format, template and limits.</param>
    /// <param name="tokenizer">What made the tokens.</param>
    /// <param name="chat">What makes texts of conversations; null: the rows are none.</param>
    /// <param name="shards">Into how many files the rows are dealt.</param>
    /// <param name="seed">The seed that deals them.</param>
    public static string Of(string sha256, DataSpec data, TextTokenizer tokenizer, ChatTemplate? chat, int shards, long seed)
    {
        var template = chat is not null ? $"chat {chat.Hash}" : data.Format == DataFormat.Alpaca ? data.Template.ToString() : "none";
        return Hash(string.Create(CultureInfo.InvariantCulture,
            $"prepared rows {ShardFile.Version}\nfile {sha256}\nformat {data.Format}, template {template}, {data.LossOn}\n"
            + $"max_length {data.MaxLength}, {data.OnTooLong}, {data.OnEmpty}\ntokenizer {tokenizer.Hash}\nshards {shards}, seed {seed}\n"));
    }

    /// <summary>The key of training and held-out rows together.</summary>
    public static string Of(string train, string? eval) => Hash($"{train} {eval}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
