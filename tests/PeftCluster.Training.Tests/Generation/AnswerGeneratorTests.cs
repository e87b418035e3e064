using PeftCluster.Jobs;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Generation;

/// <summary>Sampling by seed, and where answers end.</summary>
public sealed class AnswerGeneratorTests
{
    private static readonly int[][] Prompts = [[1, 5, 9], [7, 8, 2, 4, 11]];

    [Fact]
    public Task The_same_seed_draws_the_same_answers_and_another_one_others() => OnDevice.Run(() =>
    {
        var sampled = new Decoding { Sample = true, Seed = 7, MaxNewTokens = 16 };
        Assert.Equal(Answers(sampled), Answers(sampled));
        Assert.NotEqual(Answers(sampled), Answers(sampled with { Seed = 8 }));
        Assert.Equal(Answers(new Decoding { MaxNewTokens = 16 }), Answers(sampled with { TopK = 1 }));
    });

    [Fact]
    public void Tokens_are_drawn_as_often_as_their_probability_says()
    {
        double[] probabilities = [0.5, 0, 0.25, 0.25];
        var drawn = Enumerable.Range(0, 1000).Select(part => Sampling.Draw(probabilities, part / 1000.0)).GroupBy(token => token).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(new Dictionary<int, int> { [0] = 500, [2] = 250, [3] = 250 }, drawn);
        Assert.Equal(2, Sampling.Draw([0.3, 0.3, 0.3, 0], 0.95));
    }

    [Fact]
    public Task Whoever_hears_of_a_token_can_end_the_answer() => OnDevice.Run(() =>
    {
        var heard = new List<(int, int)>();
        var answers = new AnswerGenerator(Model(TinyLlama.Config), new Decoding { MaxNewTokens = 8 }).Generate(Prompts, CancellationToken.None, (row, token) =>
        {
            heard.Add((row, token));
            return row == 1 || heard.Count(one => one.Item1 == 0) < 3;
        });
        Assert.Equal([3, 8], answers.Select(answer => answer.Length));
        Assert.Equal(answers[0].Select(token => (0, token)), heard.Where(one => one.Item1 == 0));
    });

    [Fact]
    public Task An_answer_ends_where_the_learnt_places_do_and_its_neighbours_go_on() => OnDevice.Run(() =>
    {
        var config = TinyLlama.Config with { Rope = null, ContextLength = 12, Names = new DecoderNames { Places = "model.places" } };
        var model = Model(config);
        var answers = new AnswerGenerator(model, new Decoding { MaxNewTokens = 9 }).Generate([[.. Enumerable.Range(1, 10)], [3]], CancellationToken.None);
        Assert.Equal([2, 9], answers.Select(answer => answer.Length));
        Assert.Contains("has learnt 12 places", Assert.Throws<BadInputException>(() => model.Hidden(arange(13).view(1, 13), cancellation: CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Equal(2, new BeamSearch(model, new Decoding { Beams = 2, MaxNewTokens = 9 }).Answer([.. Enumerable.Range(1, 10)], CancellationToken.None)[0].Tokens.Length);
        Assert.Contains("Shorten the prompt", Assert.Throws<BadInputException>(() => new BeamSearch(model, new Decoding { Beams = 2 }).Answer([.. Enumerable.Range(1, 12)], CancellationToken.None)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task The_best_of_many_beams_is_never_less_likely_than_the_greedy_answer() => OnDevice.Run(() =>
    {
        var model = Model(TinyLlama.Config);
        var greedy = new AnswerGenerator(model, new Decoding { MaxNewTokens = 6 }).Generate([Prompts[0]], CancellationToken.None)[0];
        var beams = new BeamSearch(model, new Decoding { Beams = 12, MaxNewTokens = 6 }).Answer(Prompts[0], CancellationToken.None);
        var log = model.Logits(model.Hidden(tensor(Prompts[0].Concat(greedy).Select(id => (long)id).ToArray()).unsqueeze(0), cancellation: CancellationToken.None))[0].log_softmax(1);
        var sum = greedy.Select((token, at) => log[Prompts[0].Length + at - 1][token].item<float>()).Sum();
        Assert.True(beams[0].Score >= sum / 6 - 1e-6);
        Assert.Equal(beams.Select(beam => beam.Score).OrderDescending(), beams.Select(beam => beam.Score));
    });

    private static int[][] Answers(Decoding decoding) => new AnswerGenerator(Model(TinyLlama.Config), decoding).Generate(Prompts, CancellationToken.None);

    private static Decoder Model(DecoderConfig config)
    {
        var weights = TinyLlama.Weights(config);
        return (Decoder)config.Build(name => weights[name]);
    }
}
