using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Comparison;

namespace PeftCluster.Jobs.Tests.Spec.Comparison;

public sealed class ComparisonFileTests
{
    private const string File = """
        name: few-shot
        job:
          model: base
          data: { train: train.jsonl, eval: heldout.jsonl, max_length: 128 }
          method: { type: lora, r: 4 }
          training: { micro_batches: 2, max_steps: 40, warmup_steps: 5 }
          resources: { threads: 1 }
        prompting: { shots: [1, 4], wrong_labels: 0.5 }
        methods:
          - {}
          - name: ia3-long
            method: { type: ia3 }
            training: { max_steps: 80 }
        seeds: 0-1
        output: { folder: runs/cmp }
        """;

    [Fact]
    public void Each_seed_has_every_arm_and_prompting_comes_first()
    {
        var spec = Read(File);

        Assert.Equal(("few-shot", "/home/ada/runs/cmp"), (spec.Name, spec.Folder));
        Assert.Equal([0, 1], spec.Seeds);
        Assert.Equal([(0, ""), (0, ""), (0, "lora"), (0, "ia3-long"), (1, ""), (1, ""), (1, "lora"), (1, "ia3-long")], spec.Jobs.Select(job => (job.Seed, job.Arm)));
    }

    [Fact]
    public void An_arms_keys_lie_over_the_common_ones_and_its_method_replaces_the_common_method()
    {
        var ia3 = Read(File).Jobs[3].Job;

        Assert.Equal(new Ia3Spec(), ia3.Method);
        Assert.Equal((80, 5, 2), (ia3.Training.MaxSteps, ia3.Training.WarmupSteps, ia3.Training.MicroBatches));
        Assert.Equal(128, ia3.Data.MaxLength);
        Assert.Equal(4, Assert.IsType<LoraSpec>(Read(File).Jobs[2].Job.Method).R);
    }

    [Fact]
    public void A_seed_is_the_seed_of_all_that_is_random()
    {
        var job = Read(File).Jobs[6].Job;

        Assert.Equal((1, 1), (job.Training.Seed, job.Evaluation.DemonstrationsSeed));
    }

    [Fact]
    public void Prompting_measures_the_base_and_trains_nothing_whatever_the_training_says()
    {
        var (right, wrong) = (Read(File).Jobs[0], Read(File).Jobs[1]);

        Assert.All([right, wrong], prompting => Assert.True(prompting.IsPrompting));
        Assert.Equal((0, 0, 2), (right.Job.Training.MaxSteps, right.Job.Training.WarmupSteps, right.Job.Training.MicroBatches));
        Assert.Equal([0, 1, 4], right.Job.Evaluation.Shots);
        Assert.Equal(([1, 4], 0.5), (wrong.Job.Evaluation.Shots, wrong.Job.Evaluation.WrongLabels));
    }

    [Fact]
    public void A_trained_arm_measures_its_last_version_and_not_the_base()
    {
        var lora = Read(File).Jobs[2].Job;

        Assert.Empty(lora.Evaluation.Shots);
        Assert.True(lora.Training.EvalSteps > lora.Training.MaxSteps);
    }

    [Fact]
    public void Every_job_has_a_folder_of_its_own_and_another_one_when_it_says_something_else()
    {
        var before = Read(File).Jobs.Select(job => job.Job.Output.Folder).ToList();
        var after = Read(File.Replace("max_steps: 80", "max_steps: 81", StringComparison.Ordinal)).Jobs.Select(job => job.Job.Output.Folder).ToList();

        Assert.Equal(8, before.Distinct().Count());
        Assert.All(before, folder => Assert.StartsWith("/home/ada/runs/cmp/runs/", folder, StringComparison.Ordinal));
        Assert.Equal([false, false, false, true, false, false, false, true], before.Zip(after, (first, second) => first != second));
    }

    [Fact]
    public void An_override_holds_for_every_job_but_makes_no_prompt_train()
    {
        var spec = ComparisonFile.Parse(File, "compare.yaml", "/home/ada", ["training.max_steps=7", "data.max_length=64"]);

        Assert.Equal([0, 0, 7, 7], spec.Jobs.Take(4).Select(job => job.Job.Training.MaxSteps));
        Assert.All(spec.Jobs, job => Assert.Equal(64, job.Job.Data.MaxLength));
    }

    [Fact]
    public void Seeds_and_folder_of_the_command_line_win()
    {
        var spec = ComparisonFile.Parse(File, "compare.yaml", "/home/ada", [], [32, 42], "elsewhere");

        Assert.Equal([32, 42], spec.Seeds);
        Assert.Equal("/home/ada/elsewhere", spec.Folder);
    }

    [Theory]
    [InlineData("prompting:", "promting:", "compare.yaml:8:1: promting: unknown key. Did you mean prompting?")]
    [InlineData("wrong_labels: 0.5", "wrong_labels: 2", "compare.yaml:8:43: prompting.wrong_labels: 2 is not in [0, 1].")]
    [InlineData("warmup_steps: 5", "warmup_step: 5", "compare.yaml:6:48: training.warmup_step: unknown key. Did you mean warmup_steps?")]
    [InlineData("{ type: ia3 }", "{ type: ia4 }", "compare.yaml:12:21: method.type: ia4 is no method.")]
    [InlineData("threads: 1 }", "threads: 1 }\n  training: {}", "compare.yaml:8:3: training stands twice in this section. Remove one.")]
    [InlineData("max_steps: 40", "seed: 3", "compare.yaml:6:39: job.training.seed: a comparison's seeds set it. Remove it here, and name seeds: 0-4, or --seeds.")]
    [InlineData("{ max_steps: 80 }", "{ seed: 3 }", "compare.yaml:13:23: training.seed: a comparison's seeds set it.")]
    [InlineData("model: base", "model: base\n  output: { folder: x }", "compare.yaml:4:11: job.output: each job gets its own from the comparison's output. Write it at the file's top.")]
    [InlineData("name: ia3-long", "name: lora", "compare.yaml:11:5: methods: two arms are named lora. Give one another name.")]
    [InlineData("  - {}", "  - 3", "compare.yaml:10:5: methods: expected the keys of a job that are this arm's own, found 3.")]
    [InlineData("seeds: 0-1", "seeds: 4-1", "compare.yaml:14:8: seeds: expected seeds as 0-4 or 0,1,32: whole numbers from 0 to 2147483647, each once, at most 1000; found 4-1.")]
    public void A_mistake_is_one_line_with_its_place(string from, string to, string line) =>
        Assert.StartsWith(line, Assert.Throws<BadInputException>(() => Read(File.Replace(from, to, StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_without_job_or_without_anything_to_compare_is_refused()
    {
        Assert.StartsWith("c.yaml:1:1: job: missing.", Refusal("methods: [{method: {type: lora}}]"), StringComparison.Ordinal);
        Assert.StartsWith("c.yaml:1:1: methods: nothing is compared.", Refusal("job: {model: base, data: {train: a}, method: {type: lora}}"), StringComparison.Ordinal);
        Assert.StartsWith("c.yaml: expected the keys of a comparison.", Refusal("3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Prompting_alone_needs_no_method()
    {
        var jobs = ComparisonFile.Parse("job: {model: base, data: {train: a.jsonl, eval: b.jsonl}}\nprompting: {shots: [2], wrong_labels: 0}\nseeds: 3", "c.yaml", "/home/ada", []).Jobs;

        Assert.Equal([0, 2], Assert.Single(jobs).Job.Evaluation.Shots);
    }

    [Theory]
    [InlineData("prompting: {}")]
    [InlineData("methods: [{method: {type: lora}}]")]
    public void A_comparison_without_held_out_rows_is_refused(string arms) => Assert.Equal(
        "c.yaml:1:6: job.data: a comparison measures on held-out rows, and there are none. Add eval or eval_fraction.",
        Refusal("job: {model: base, data: {train: a.jsonl, eval: null}}\n" + arms));

    [Theory]
    [InlineData("0-4", new[] { 0, 1, 2, 3, 4 })]
    [InlineData("7", new[] { 7 })]
    [InlineData("0,1,32,42,1024", new[] { 0, 1, 32, 42, 1024 })]
    [InlineData("5, 0-2", new[] { 5, 0, 1, 2 })]
    public void Seeds_are_written_as_ranges_and_numbers(string text, int[] seeds) => Assert.Equal(seeds, SeedList.Parse(text, "--seeds"));

    [Theory]
    [InlineData("")]
    [InlineData("0-4,4")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("0-1000")]
    [InlineData("one")]
    public void Other_texts_are_no_seeds(string text) =>
        Assert.StartsWith("--seeds: expected seeds as 0-4", Assert.Throws<BadInputException>(() => SeedList.Parse(text, "--seeds")).Message, StringComparison.Ordinal);

    private static ComparisonSpec Read(string text) => ComparisonFile.Parse(text, "compare.yaml", "/home/ada", []);

    private static string Refusal(string text) => Assert.Throws<BadInputException>(() => ComparisonFile.Parse(text, "c.yaml", "/home/ada", [])).Message;
}
