using PeftCluster.Steps.Plan;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Answer choices through whole models: each is seen as if it stood alone behind its prompt.</summary>
public sealed class ChoiceRowsTests
{
    private static readonly ChoiceRows Rows = new(
    [
        new([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], [[7, 8], [9], [10, 11, 12]], 1),
        new([5, 9], [[4, 4, 4, 5], [6]], 0),
        new([8, 8, 20], [[3]], 0),
        new([12, 30, 7], [[9, 8, 7, 6], [9, 8], [9, 8, 7], [5]], 3),
    ]);

    [Theory]
    [InlineData("models/t5")]
    [InlineData("models/t5-v1_1")]
    [InlineData("models/llama")]
    [InlineData("models/gpt2")]
    [InlineData("models/gemma2")]
    public Task Choices_of_unlike_number_are_scored_as_each_by_itself(string model) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(GoldenMicro.Folder(model), CancellationToken.None);
        using var noGraph = no_grad();
        var built = (ILanguageModel)weights.Config.Build(name => weights.Store[name], new Attachments());
        var together = ChoiceLogProbabilities.Of(Rows, built.Labelled(Rows));
        for (var example = 0; example < Rows.Examples.Count; example++)
        {
            var (prompt, choices, _) = Rows.Examples[example];
            for (var choice = 0; choice < choices.Count; choice++)
            {
                int[] row = [.. prompt, .. choices[choice]];
                var logarithms = built.Labelled(new PromptRows(1, _ => row, _ => prompt.Length)).Logits().log_softmax(1);
                var due = logarithms.gather(1, tensor(choices[choice].Select(id => (long)id).ToArray()).unsqueeze(1)).squeeze(1);
                GoldenFiles.Close(due, tensor(together.Tokens(example, choice).ToArray()).to(ScalarType.Float32), 1e-5, $"{example}.{choice}");
            }
        }
    });

    [Fact]
    public Task An_encoder_reads_each_prompt_once() => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(GoldenMicro.Folder("models/t5"), CancellationToken.None);
        var read = new List<(int Site, long Rows)>();
        var watched = new Attachments
        {
            Embedding = (ids, x, site) =>
            {
                read.Add((site, ids.shape[0]));
                return x;
            },
        };
        ((ILanguageModel)weights.Config.Build(name => weights.Store[name], watched)).Labelled(Rows);
        Assert.Equal([(0, 4L), (1, 10L)], read);
    });

    [Fact]
    public void Each_loss_has_its_own_count()
    {
        Assert.Equal(new ChoiceCounts(RightTokens: 1 + 4 + 1 + 1, WrongTokens: 5 + 1 + 0 + 9, Examples: 4), Rows.Counts);
        Assert.Equal(Rows.Counts, new ChoiceRows([Rows.Examples[0], Rows.Examples[2]]).Counts + new ChoiceRows([Rows.Examples[1], Rows.Examples[3]]).Counts);
    }

    [Fact]
    public void What_no_loss_can_be_made_of_is_refused()
    {
        Assert.Equal("example 1 has no prompt", Refused(new([1], [[2]], 0), new([], [[2]], 0)));
        Assert.Equal("example 0 has a choice without tokens", Refused(new ChoiceExample([1], [[2], []], 0)));
        Assert.Equal("example 0: choice 2 of 2 is said to be right", Refused(new ChoiceExample([1], [[2], [3]], 2)));
        Assert.Equal("example 0: choice -1 of 1 is said to be right", Refused(new ChoiceExample([1], [[2]], -1)));
        Assert.Equal("example 0: choice 0 of 0 is said to be right", Refused(new ChoiceExample([1], [], 0)));
    }

    private static string Refused(params ChoiceExample[] examples) => Assert.Throws<ArgumentException>(() => new ChoiceRows(examples)).Message;
}
