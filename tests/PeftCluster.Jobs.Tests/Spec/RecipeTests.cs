using PeftCluster.Jobs.Spec;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>What T-Few's method brings to training, and how each part of it is overridden.</summary>
public sealed class RecipeTests
{
    [Fact]
    public void T_few_trains_as_the_paper_does() => Assert.Equal(
        new TrainingSpec
        {
            Optim = OptimizerType.Adafactor,
            Adafactor = new AdafactorSpec { ScaleParameter = true },
            LearningRate = 3e-3,
            MicroBatchSize = 2,
            MicroBatches = 4,
            MaxSteps = 1000,
            WarmupSteps = 60,
            LrSchedulerType = LrSchedulerType.Linear,
            WeightDecay = 0,
            MaxGradNorm = 1,
        },
        Trained());

    [Theory]
    [InlineData("training.optim=adamw", "training.adafactor.scale_parameter", "false")]
    [InlineData("training.optim=adamw", "training.learning_rate", "0.003")]
    [InlineData("training.adafactor={clip_threshold: 2}", "training.adafactor.scale_parameter", "true")]
    [InlineData("training.adafactor={clip_threshold: 2}", "training.adafactor.clip_threshold", "2")]
    [InlineData("training.adafactor=", "training.adafactor.scale_parameter", "true")]
    [InlineData("training.adafactor={scale_parameter: false}", "training.adafactor.scale_parameter", "false")]
    [InlineData("training.learning_rate=0.1", "training.learning_rate", "0.1")]
    [InlineData("training.micro_batch_size=8", "training.micro_batch_size", "8")]
    [InlineData("training.micro_batches=2", "training.micro_batches", "2")]
    [InlineData("training.max_grad_norm=0", "training.max_grad_norm", "0")]
    [InlineData("training.weight_decay=0.1", "training.weight_decay", "0.1")]
    [InlineData("training.max_steps=100", "training.warmup_steps", "6")]
    [InlineData("training.max_steps=10", "training.warmup_steps", "1")]
    [InlineData("training.max_steps=5000", "training.warmup_steps", "60")]
    [InlineData("training.warmup_steps=0", "training.warmup_steps", "0")]
    [InlineData("training.warmup_ratio=0.2", "training.warmup_steps", "0")]
    [InlineData("training.num_train_epochs=4", "training.max_steps", "null")]
    [InlineData("training.num_train_epochs=4", "training.warmup_ratio", "0.06")]
    [InlineData("training.max_steps=", "training.max_steps", "null")]
    [InlineData("training.max_steps=", "training.warmup_ratio", "0.06")]
    [InlineData("training.lr_scheduler_type=one_cycle", "training.warmup_steps", "0")]
    [InlineData("training.lr_scheduler_type=cosine", "training.warmup_steps", "60")]
    public void Each_value_can_be_overridden(string given, string key, string value)
    {
        var written = JobFile.Write(Jobs.Parse(Jobs.Shortest, "method={type: t-few}", given));
        Assert.Matches($@"\b{key.Split('.')[^1]}: {value}[,}}\n]", written);
    }

    [Fact]
    public void A_job_that_is_written_out_is_the_same_job()
    {
        foreach (var given in new[] { "training.seed=1", "training.num_train_epochs=4", "training.max_steps=10", "training.optim=sgd" })
        {
            var job = Jobs.Parse(Jobs.Shortest, "method={type: t-few}", given);
            Assert.Equal(job, Jobs.Parse(JobFile.Write(job)));
        }
    }

    [Fact]
    public void A_section_of_the_wrong_kind_is_refused_as_ever() => Assert.EndsWith(
        "training.adafactor: expected a section of keys, found fast.", Jobs.Refusal(Jobs.Shortest, "method={type: t-few}", "training.adafactor=fast"), StringComparison.Ordinal);

    [Fact]
    public void A_warm_up_of_more_than_all_steps_is_refused_as_ever() => Assert.EndsWith(
        "training.warmup_steps: 60 is above training.max_steps, 10: the rate would never reach its peak. Lower it, or raise max_steps.",
        Jobs.Refusal(Jobs.Shortest, "method={type: t-few}", "training.max_steps=10", "training.warmup_steps=60"), StringComparison.Ordinal);

    [Fact]
    public void An_initial_adapter_is_a_folder_that_is_there() => Assert.EndsWith(
        "method.initial_adapter: /home/ada/tone/none: no such folder. It has to hold adapter_config.json and adapter_model.safetensors.",
        Assert.Throws<BadInputException>(() => JobFile.CheckPaths(Jobs.Parse(Jobs.Shortest, $"model={Path.GetTempPath()}", $"data.train={Path.GetTempPath()}", "data.eval=", "method={type: t-few, initial_adapter: none}"))).Message, StringComparison.Ordinal);

    private static TrainingSpec Trained() => Jobs.Parse(Jobs.Shortest, "method={type: t-few}").Training;
}
