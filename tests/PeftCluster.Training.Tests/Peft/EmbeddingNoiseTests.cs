using PeftCluster.Steps.Plan;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

public sealed class EmbeddingNoiseTests
{
    private const int Tokens = 40, Width = 50;

    [Fact]
    public Task Noise_is_uniform_within_alpha_over_the_root_of_a_rows_numbers() => OnDevice.Run(() =>
    {
        var noise = new EmbeddingNoise(5, seed: 1);
        noise.Begin(3, Batch(0, 1, 2, 3));
        var drawn = noise.Apply(zeros(4, Tokens, Width), 0);
        var most = 5 / Math.Sqrt(Tokens * Width);
        Assert.InRange(drawn.abs().max().item<float>(), 0.99 * most, most);
        Assert.Equal(0, drawn.mean().item<float>(), 0.03 * most);
        Assert.Equal(most / Math.Sqrt(3), drawn.std().item<float>(), 0.03 * most);
    });

    [Fact]
    public Task A_rows_noise_is_its_own_wherever_it_stands_and_another_at_each_step_and_site() => OnDevice.Run(() =>
    {
        Tensor Drawn(int step, int site, params int[] rows)
        {
            var noise = new EmbeddingNoise(5, seed: 1);
            noise.Begin(step, Batch(rows));
            return noise.Apply(zeros(rows.Length, Tokens, Width), site);
        }
        var seventh = Drawn(3, 0, 7)[0];
        Assert.True(seventh.equal(Drawn(3, 0, 1, 7)[1]).all().item<bool>());
        foreach (var other in new[] { Drawn(3, 0, 8)[0], Drawn(4, 0, 7)[0], Drawn(3, 1, 7)[0] })
            Assert.False(seventh.equal(other).any().item<bool>());
    });

    [Fact]
    public Task Choices_of_an_example_are_one_stretch_of_its_noise_and_its_prompt_is_a_row() => OnDevice.Run(() =>
    {
        Tensor Drawn(int[] rows, int[] owners, int tensorRows)
        {
            var noise = new EmbeddingNoise(5, seed: 1);
            noise.Begin(3, Batch(rows), owners);
            return noise.Apply(zeros(tensorRows, Tokens, Width), 0);
        }
        var together = Drawn([7, 8, 9], [0, 0, 0, 1, 2, 2], 6);
        Assert.True(together[..3].equal(Drawn([7], [0, 0, 0], 3)).all().item<bool>());
        Assert.True(together[3].equal(Drawn([9, 8], [0, 0, 1], 2)[1]).all().item<bool>());
        Assert.True(together[4..].equal(Drawn([9], [0, 0], 2)).all().item<bool>());
        Assert.False(together[0].equal(together[1]).any().item<bool>());
        Assert.True(Drawn([7, 8, 9], [0, 0, 0, 1, 2, 2], 3).equal(together[tensor(new long[] { 0, 3, 4 })]).all().item<bool>());
    });

    [Fact]
    public Task Without_a_micro_batch_or_alpha_embeddings_stay_as_they_are() => OnDevice.Run(() =>
    {
        var (none, ended) = (new EmbeddingNoise(0, seed: 1), new EmbeddingNoise(5, seed: 1));
        none.Begin(3, Batch(0));
        ended.Begin(3, Batch(0));
        ended.End();
        var x = ones(1, Tokens, Width);
        Assert.Same(x, none.Apply(x, 0));
        Assert.Same(x, ended.Apply(x, 0));
    });

    private static MicroBatch Batch(params int[] rows) => new(0, rows, Tokens, 1, rows.Length * Tokens);
}
