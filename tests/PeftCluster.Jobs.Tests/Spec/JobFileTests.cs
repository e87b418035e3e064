using PeftCluster.Jobs.Spec;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>A good file becomes the records that it says.</summary>
public sealed class JobFileTests
{
    [Fact]
    public void A_job_that_trains_nothing_may_say_how_it_would_train() =>
        Assert.Equal((0, 60), Jobs.Parse(Jobs.Text, "training.max_steps=0", "training.warmup_steps=60") is { Training: var training } ? (training.MaxSteps, training.WarmupSteps) : default);

    [Fact]
    public void A_full_job_is_read_key_by_key()
    {
        var job = Jobs.Parse(Jobs.Text);

        Assert.Equal("support-tone", job.Name);
        Assert.Equal("/home/ada/tone/base", job.Model);
        Assert.Equal(new DataSpec
        {
            Train = "/home/ada/tone/train.jsonl",
            Eval = "/home/ada/tone/heldout.jsonl",
            Format = DataFormat.Alpaca,
            MaxLength = 256,
        }, job.Data);
        Assert.Equal(new LoraSpec { R = 8, LoraAlpha = 16, TargetModules = ["q_proj", "v_proj"] }, job.Method);
        Assert.Equal(new TrainingSpec
        {
            LearningRate = 2e-3,
            LrSchedulerType = LrSchedulerType.Cosine,
            WarmupRatio = 0.05,
            Seed = 7,
        }, job.Training);
        Assert.Equal(new EvaluationSpec { Shots = [0, 1, 5] }, job.Evaluation);
        Assert.Equal(new ResourcesSpec { Workers = new WorkersRange(1, 4), Threads = 1 }, job.Resources);
        Assert.Equal("/home/ada/tone/runs/support-tone", job.Output.Folder);
    }

    [Fact]
    public void The_shortest_job_takes_every_default()
    {
        var job = Jobs.Parse(Jobs.Shortest);

        Assert.Equal(new LoraSpec(), job.Method);
        Assert.Equal(new TrainingSpec(), job.Training);
        Assert.Equal(new EvaluationSpec(), job.Evaluation);
        Assert.Equal(new ResourcesSpec(), job.Resources);
        Assert.Equal(new JournalSpec(), job.Journal);
    }

    [Theory]
    [InlineData("job.yaml", "tone")]
    [InlineData("jobs/first try (2).yaml", "first-try--2")]
    [InlineData("/job.yaml", "job")]
    public void A_job_without_a_name_takes_its_files_or_folders(string file, string name)
    {
        var job = JobFile.Parse(Jobs.Shortest, file, "/home/ada/tone", []);

        Assert.Equal(name, job.Name);
        Assert.Equal($"/home/ada/tone/runs/{name}", job.Output.Folder);
    }

    [Theory]
    [InlineData("chatml", "chatml")]
    [InlineData("own/t.jinja", "/home/ada/tone/own/t.jinja")]
    [InlineData("/t.jinja", "/t.jinja")]
    [InlineData("null", null)]
    public void A_template_is_a_name_or_by_its_ending_a_path(string text, string? read) =>
        Assert.Equal(read, Jobs.Parse(Jobs.Shortest, $"data.chat_template={text}").Data.ChatTemplate);

    [Fact]
    public void The_output_folder_follows_the_name() =>
        Assert.Equal("/home/ada/tone/runs/other", Jobs.Parse(Jobs.Shortest, "name=other").Output.Folder);

    [Theory]
    [InlineData("2.0e-3", 0.002)]
    [InlineData("1e-4", 0.0001)]
    [InlineData("+.5", 0.5)]
    [InlineData("1.", 1.0)]
    [InlineData("3", 3.0)]
    public void Numbers_are_those_of_yaml_1_2(string text, double value) =>
        Assert.Equal(value, Jobs.Parse(Jobs.Shortest, $"training.learning_rate={text}").Training.LearningRate);

    [Fact]
    public void Minus_zero_is_zero() => Assert.Equal(
        JobDigest.Of(Jobs.Parse(Jobs.Shortest)), JobDigest.Of(Jobs.Parse(Jobs.Shortest, "training.weight_decay=-0.0")));

    [Theory]
    [InlineData("all-linear")]
    [InlineData("[all-linear]")]
    public void All_linear_is_the_lists_only_item(string text)
    {
        var lora = Assert.IsType<LoraSpec>(Jobs.Parse(Jobs.Shortest, $"method.target_modules={text}").Method);

        Assert.Equal(["all-linear"], lora.TargetModules!);
    }

    [Fact]
    public void A_text_that_is_no_name_is_a_regular_expression_for_modules()
    {
        var lora = Assert.IsType<LoraSpec>(Jobs.Parse(Jobs.Shortest, @"method.target_modules='.*\.(q|v)_proj'", "method.exclude_modules=[layers.0.mlp]").Method);

        Assert.Equal([@".*\.(q|v)_proj"], lora.TargetModules!);
        Assert.True(ModuleNames.IsPattern(lora.TargetModules));
        Assert.False(ModuleNames.IsPattern(lora.ExcludeModules));
    }

    [Theory]
    [InlineData("layers")]
    [InlineData("[layers]")]
    public void A_pattern_of_layers_is_a_list_or_one_name(string text) =>
        Assert.Equal(["layers"], Assert.IsType<LoraSpec>(Jobs.Parse(Jobs.Shortest, "method.layers_to_transform=[0]", $"method.layers_pattern={text}").Method).LayersPattern!);

    [Fact]
    public void Patterns_keep_their_order() => Assert.Equal(
        [new("v_proj", 2), new(@"layers\.\d+\.mlp", 6)],
        Assert.IsType<LoraSpec>(Jobs.Parse(Jobs.Shortest, @"method.rank_pattern={v_proj: 2, 'layers\.\d+\.mlp': 6}").Method).RankPattern!);

    [Theory]
    [InlineData("3", 3, 3)]
    [InlineData("{min: 1, max: 2}", 1, 2)]
    public void Workers_are_a_number_or_a_range(string text, int min, int max) =>
        Assert.Equal(new WorkersRange(min, max), Jobs.Parse(Jobs.Shortest, $"resources.workers={text}").Resources.Workers);

    [Fact]
    public void Null_takes_a_value_away_and_an_empty_section_keeps_its_defaults()
    {
        var job = Jobs.Parse(Jobs.Text, "data.eval=null", "resources.workers=", "training=");

        Assert.Null(job.Data.Eval);
        Assert.Null(job.Resources.Workers);
        Assert.Equal(new TrainingSpec(), job.Training);
    }

    [Fact]
    public void A_file_may_start_with_a_byte_order_mark()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".yaml");
        File.WriteAllText(path, Jobs.Text, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        try
        {
            Assert.Equal(7, JobFile.Load(path).Training.Seed);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_learning_rate_that_a_job_does_not_name_is_the_methods()
    {
        foreach (var type in MethodRegistry.Records.Keys)
        {
            var job = Jobs.Parse(Jobs.Shortest, $"method={{type: {type}}}");
            Assert.Equal(job.Method.DefaultLearningRate, job.Training.LearningRate);
            Assert.Equal(0.5, Jobs.Parse(Jobs.Shortest, $"method={{type: {type}}}", "training.learning_rate=0.5").Training.LearningRate);
        }
    }
}
