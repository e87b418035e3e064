using PeftCluster.Data.Chat;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tests.Chat;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Conversations of golden/chat through the row encoder: tokens and labels are the input_ids and assistant_masks of transformers' apply_chat_template.</summary>
public sealed class ConversationGoldenTests
{
    [Fact]
    public void Tokens_and_labels_of_rows_equal_transformers_ids_and_masks()
    {
        var (count, data) = (0, new DataSpec { Train = "rows.jsonl", MaxLength = 131072, Format = DataFormat.Messages });
        var tokenizers = new Dictionary<string, TextTokenizer>();
        foreach (var one in ChatCase.All().Where(one => one.Case.TryGetProperty("tokenized", out _) && !Asks(one)))
        {
            foreach (var tokenized in one.Case.GetProperty("tokenized").EnumerateObject())
            {
                if (!tokenizers.TryGetValue(tokenized.Name, out var tokenizer))
                    tokenizers[tokenized.Name] = tokenizer = TextTokenizer.Load(GoldenFolder.Of("tokenizers", tokenized.Name));
                int[] ids = [.. tokenized.Value.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())];
                int[] mask = [.. tokenized.Value.GetProperty("assistant_masks").EnumerateArray().Select(flag => flag.GetInt32())];
                var encoder = new ConversationEncoder(new RowPlaces("rows.jsonl", HasLines: true), data, tokenizer, ChatTemplate.Parse(one.Where, one.Template, one.Tokens));
                var example = new Example(1, "", "said") { Conversation = one.Conversation };
                if (mask.Skip(1).All(flag => flag == 0))
                {
                    Assert.Throws<RowRefused>(() => encoder.Encode(example).ToList());
                    continue;
                }
                var row = Assert.Single(encoder.Encode(example));

                Assert.Equal(ids, row.Tokens);
                Assert.Equal($"{one.Where}: {string.Concat(mask.Skip(1))}", $"{one.Where}: {string.Concat(MaskOf(row).Skip(1))}");
                count++;
            }
        }
        Assert.True(count >= 90 || Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN") is { Length: > 0 }, $"{count} rows");
    }

    private static int[] MaskOf(EncodedRow row)
    {
        Assert.True(LabelSpan.AreSound(row.Spans, row.Tokens.Count));
        var mask = new int[row.Tokens.Count];
        foreach (var (start, end) in row.Spans)
            Array.Fill(mask, 1, start, end - start);
        return mask;
    }

    // A row of data is never rendered with what opens an answer.
    private static bool Asks(ChatCase one) => one.Case.TryGetProperty("add_generation_prompt", out var asks) && asks.GetBoolean();
}
