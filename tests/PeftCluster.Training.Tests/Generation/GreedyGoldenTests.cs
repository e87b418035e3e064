using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

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
        var prompt = Rows(expected)[0];
        Assert.Equal(prompt, greedy[..prompt.Length]);
        var answer = new GreedyGenerator(NeverEnding.Of(weights, folder), null).Generate([prompt], greedy.Length - prompt.Length, CancellationToken.None);
        Assert.Equal(greedy[prompt.Length..], answer[0]);
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_row_of_a_batch_gets_the_answer_that_it_gets_alone(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        var rows = Rows(GoldenFiles.Read(folder, "expected.safetensors"));
        int[][] prompts = [.. rows, rows[0][..1], rows[1][..5], rows[0][..3], [.. rows[0], .. rows[1], .. rows[0]]];
        var generator = new GreedyGenerator(Model(weights), null);
        var together = generator.Generate(prompts, 20, CancellationToken.None);
        for (var row = 0; row < prompts.Length; row++)
            Assert.Equal(generator.Generate([prompts[row]], 20, CancellationToken.None)[0], together[row]);
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task A_row_ends_at_its_token_of_end_and_the_others_go_on(string folder) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
        int[][] prompts = [.. Rows(GoldenFiles.Read(folder, "expected.safetensors"))];
        var whole = new GreedyGenerator(Model(weights), null).Generate(prompts, 12, CancellationToken.None);
        var end = whole[0][4];
        var ended = new GreedyGenerator(Model(weights), end).Generate(prompts, 12, CancellationToken.None);
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
        Assert.Throws<OperationCanceledException>(() => new GreedyGenerator(Model(weights), null).Generate([[1, 2]], 8, stop.Token));
    });

    private static ICausalModel Model(SharedWeights weights) => weights.Config.Build(name => weights.Store[name]);

    private static int[][] Rows(Dictionary<string, Tensor> expected)
    {
        var (ids, mask) = (expected["input_ids"], expected["attention_mask"]);
        return [.. Enumerable.Range(0, (int)ids.shape[0]).Select(row =>
            ids[row].data<long>().Zip(mask[row].data<long>()).Where(pair => pair.Second == 1).Select(pair => (int)pair.First).ToArray())];
    }
}
