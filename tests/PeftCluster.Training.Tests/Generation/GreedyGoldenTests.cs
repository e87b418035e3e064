using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Generation;

/// <summary>Greedy answers: those of transformers, and in a batch those that each row gets alone.</summary>
public sealed class GreedyGoldenTests
{
    public static TheoryData<string> Models => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).Where(folder => GoldenFiles.Has(folder, "greedy"))];

    [Theory]
    [MemberData(nameof(Models))]
    public Task Answers_are_those_of_transformers(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var expected = GoldenFiles.Read(folder, "expected.safetensors");
        int[] greedy = [.. expected["greedy"].data<long>().Select(id => (int)id)];
        var rows = NeverEnding.Begin(weights, folder, new GoldenBatch(expected, weights.Config).Prompts[0]);
        var given = rows.Prompts()[0];
        Assert.Equal(given, greedy[..given.Length]);
        var answer = new AnswerGenerator(rows.Model, new Decoding { MaxNewTokens = greedy.Length - given.Length }).Generate([given], CancellationToken.None);
        Assert.Equal(greedy[given.Length..], answer[0]);
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_row_of_a_batch_gets_the_answer_that_it_gets_alone(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var rows = Prompts(weights, folder);
        int[][] prompts = [.. rows, rows[0][..1], rows[1][..5], rows[0][..3], [.. rows[0], .. rows[1], .. rows[0]]];
        var together = Generate(weights, null, prompts, 20);
        for (var row = 0; row < prompts.Length; row++)
            Assert.Equal(Generate(weights, null, [prompts[row]], 20)[0], together[row]);
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_row_ends_at_its_token_of_end_and_the_others_go_on(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var prompts = Prompts(weights, folder);
        var whole = Generate(weights, null, prompts, 12);
        var end = whole[0][4];
        var ended = Generate(weights, end, prompts, 12);
        for (var row = 0; row < prompts.Length; row++)
            Assert.Equal(whole[row].TakeWhile(id => id != end), ended[row]);
        Assert.True(ended[0].Length < 12, "the first row did not end");
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task Cancelling_stops_between_tokens(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => Generate(weights, null, [[1, 2]], 8, stop.Token));
    });

    private static int[][] Prompts(SharedWeights weights, string folder) => new GoldenBatch(GoldenFiles.Read(folder, "expected.safetensors"), weights.Config).Prompts;

    private static int[][] Generate(SharedWeights weights, int? end, int[][] prompts, int most, CancellationToken cancellation = default)
    {
        var rows = weights.Config.Build(name => weights.Store[name]).AsLanguageModel().Begin(PromptRows.Questions(prompts), cancellation);
        return new AnswerGenerator(rows.Model, new Decoding { MaxNewTokens = most, EndTokens = end is { } id ? [id] : [] }).Generate(rows.Prompts(), cancellation);
    }
}
