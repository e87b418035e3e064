namespace PeftCluster.Jobs.Tests.Spec;

/// <summary><c>--set KEY=VALUE</c> goes over the file, and errors name it instead of a line.</summary>
public sealed class OverrideTests
{
    [Fact]
    public void An_override_wins_over_the_file_and_a_later_one_over_an_earlier_one()
    {
        var job = Jobs.Parse(Jobs.Text, "training.learning_rate=1", "training.learning_rate=1e-4", "evaluation.shots=[]");

        Assert.Equal(1e-4, job.Training.LearningRate);
        Assert.Equal(7, job.Training.Seed);
        Assert.Empty(job.Evaluation.Shots);
    }

    [Fact]
    public void An_override_makes_the_section_that_the_file_has_not()
    {
        var job = Jobs.Parse("method: {type: lora}", "model=base", "data.train=rows=1.jsonl", "training.max_steps=20");

        Assert.Equal("/home/ada/tone/rows=1.jsonl", job.Data.Train);
        Assert.Equal(20, job.Training.MaxSteps);
    }

    [Fact]
    public void An_override_reaches_into_a_range() =>
        Assert.Equal(9, Jobs.Parse(Jobs.Text, "resources.workers.max=9").Resources.Workers!.Value.Max);

    [Theory]
    [InlineData("training.learning_rate", "--set training.learning_rate: expected KEY=VALUE, as in --set training.learning_rate=1e-4.")]
    [InlineData("=1", "--set =1: expected KEY=VALUE, as in --set training.learning_rate=1e-4.")]
    [InlineData("training..seed=1", "--set training..seed=1: expected KEY=VALUE, as in --set training.learning_rate=1e-4.")]
    [InlineData("a\nb=1", "--set a b=1: expected KEY=VALUE, as in --set training.learning_rate=1e-4.")]
    [InlineData("training.learning_rate=-0.1", "--set training.learning_rate: -0.1 is not in (0, 10].")]
    [InlineData("training.learning_rat=0.1", "--set training.learning_rat: unknown key. Did you mean learning_rate?")]
    [InlineData("training={seed: x}", "--set training: training.seed: expected a whole number in [0, 9223372036854775807], found x.")]
    [InlineData("resources.workers={min: 3, max: 2}", "--set resources.workers: min 3 is above max 2.")]
    [InlineData("data.train.file=x", "--set data.train.file: data.train is train.jsonl and has no key file.")]
    [InlineData("evaluation.shots=[0", "--set evaluation.shots: not valid YAML. While parsing a flow sequence, did not find expected ',' or ']'.")]
    [InlineData("evaluation.shots=[0, 40]", "--set evaluation.shots: evaluation.shots[1]: 40 is not in [0, 32].")]
    [InlineData("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", "--set a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: the key has more than 16 parts.")]
    public void A_bad_override_is_refused_by_its_key(string given, string line) =>
        Assert.Equal(line, Jobs.Refusal(Jobs.Text, given));
}
