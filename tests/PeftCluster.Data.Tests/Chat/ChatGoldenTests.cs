using System.Text.Json;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>Every text, range, mask and refusal equal to transformers' of golden/chat, which tests/golden/generate_chat.py made.</summary>
public sealed class ChatGoldenTests
{
    [Fact]
    public void Texts_ranges_and_refusals_equal_those_of_transformers()
    {
        var (count, wrong) = (0, new List<string>());
        foreach (var one in ChatCase.All())
        {
            count++;
            if (Difference(one) is { } difference)
                wrong.Add($"{one.Where}: {difference}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(count >= 1300 || FolderIsChosen, $"{count} cases");
    }

    [Fact]
    public void Masks_equal_those_of_transformers()
    {
        var count = 0;
        foreach (var one in ChatCase.All().Where(one => one.Case.TryGetProperty("tokenized", out _)))
        {
            foreach (var tokenized in one.Case.GetProperty("tokenized").EnumerateObject())
            {
                var ids = tokenized.Value.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
                var expected = string.Concat(tokenized.Value.GetProperty("assistant_masks").EnumerateArray().Select(flag => flag.GetInt32()));

                var chat = one.Render();
                var tokens = TextTokenizer.Load(GoldenFolder.Of("tokenizers", tokenized.Name)).EncodeWithOffsets(chat.Text);
                Assert.Equal(ids, tokens.Ids);
                var mask = AssistantMask.Of(chat.Marked, tokens.Covers);

                Assert.Equal($"{one.Where}: {expected}", $"{one.Where}: {string.Concat(mask.Select(flag => flag ? 1 : 0))}");
                count++;
            }
        }
        Assert.True(count >= 200 || FolderIsChosen, $"{count} masks");
    }

    private static bool FolderIsChosen => Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN") is { Length: > 0 };

    private static string? Difference(ChatCase one)
    {
        try
        {
            var chat = one.Render();
            if (one.Expected is not { } expected)
                return $"renders {Shown(chat.Text)}, and transformers fails with {one.Case.GetProperty("error")}";
            if (chat.Text != expected)
                return $"expected {Shown(expected)}, got {Shown(chat.Text)}";
            var ranges = string.Join(' ', chat.Marked.Select(span => $"{CodePoints.Before(chat.Text, span.Start)}-{CodePoints.Before(chat.Text, span.End)}"));
            return one.Case.TryGetProperty("assistant_ranges", out var given) && !one.HasWrongRanges
                && string.Join(' ', given.EnumerateArray().Select(range => $"{range[0]}-{range[1]}")) is var wanted && wanted != ranges ? $"expected the ranges {wanted}, got {ranges}" : null;
        }
        catch (TemplateFailure failure)
        {
            return one.Expected is { } expected ? $"expected {Shown(expected)}, got the failure {failure.Message}"
                : one.Raised is { } raised && !(failure.Raised && failure.Message == raised) ? $"expected the refusal {raised}, got {failure.Message}"
                : null;
        }
    }

    private static string Shown(string text) => JsonSerializer.Serialize(text);
}
