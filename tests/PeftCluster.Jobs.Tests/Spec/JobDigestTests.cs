using PeftCluster.Jobs.Spec;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>Which keys make a job another one.</summary>
public sealed class JobDigestTests
{
    private static readonly JobSpec Job = Jobs.Parse(Jobs.Text);

    [Theory]
    [InlineData("name=other")]
    [InlineData("output.folder=elsewhere")]
    [InlineData("journal={keep: all, max_vector: 1}")]
    [InlineData("resources.workers=2")]
    [InlineData("training.logging_steps=1")]
    [InlineData("training.save_steps=1")]
    [InlineData("training.audit_fraction=1")]
    [InlineData("training.gradient_checkpointing=on")]
    [InlineData("resources.memory=4GB")]
    public void Keys_outside_the_result_change_no_digest(string given)
    {
        var other = Jobs.Parse(Jobs.Text, given);

        Assert.NotEqual(Job, other);
        Assert.Equal(JobDigest.Of(Job), JobDigest.Of(other));
        Assert.Empty(JobDigest.Differences(Job, other));
    }

    [Theory]
    [InlineData("training.seed=8", "training.seed (7 and 8)")]
    [InlineData("model=other", "model (\"/home/ada/tone/base\" and \"/home/ada/tone/other\")")]
    [InlineData("data.eval=", "data.eval (\"/home/ada/tone/heldout.jsonl\" and null)")]
    [InlineData("method.target_modules=all-linear", "method.target_modules ([\"q_proj\",\"v_proj\"] and \"all-linear\")")]
    [InlineData("method.use_dora=true", "method.use_dora (false and true)")]
    [InlineData("method.lora_bias=true", "method.lora_bias (false and true)")]
    [InlineData("method.rank_pattern={v_proj: 2}", "method.rank_pattern.v_proj (not there and 2)")]
    [InlineData("resources.threads=2", "resources.threads (1 and 2)")]
    [InlineData("training.eval_steps=5", "training.eval_steps (null and 5)")]
    [InlineData("data.train=[train.jsonl, more.jsonl]", "data.train (\"/home/ada/tone/train.jsonl\" and [\"/home/ada/tone/train.jsonl\",\"/home/ada/tone/more.jsonl\"])")]
    [InlineData("data.drop_duplicates=true", "data.drop_duplicates (false and true)")]
    [InlineData("base_dtype=float32", "base_dtype (\"stored\" and \"float32\")")]
    [InlineData("base_dtype=bfloat16", "base_dtype (\"stored\" and \"bfloat16\")")]
    [InlineData("training.choice_loss={unlikelihood_form: paper}", "training.choice_loss.unlikelihood_form (\"code\" and \"paper\")")]
    [InlineData("evaluation.shots=[]", "evaluation.shots ([0,1,5] and [])")]
    [InlineData("evaluation.wrong_labels=0.5", "evaluation.wrong_labels (0 and 0.5)")]
    [InlineData("evaluation.rank_by=sum", "evaluation.rank_by (\"mean\" and \"sum\")")]
    [InlineData("evaluation.shared_examples=true", "evaluation.shared_examples (null and true)")]
    public void Any_other_key_changes_the_digest_and_is_named(string given, string difference)
    {
        var other = Jobs.Parse(Jobs.Text, given);

        Assert.NotEqual(JobDigest.Of(Job), JobDigest.Of(other));
        Assert.Equal([difference], JobDigest.Differences(Job, other).Select(one => one.ToString()));
    }

    [Fact]
    public void A_key_that_came_later_counts_once_it_says_something() =>
        Assert.Equal(JobDigest.Of(Job), JobDigest.Of(Jobs.Parse(Jobs.Text, "training.eval_steps=", "training.load_best_model_at_end=false", "method.use_dora=false", "method.lora_bias=false", "method.layers_pattern=", "method.rank_pattern=", "data.train=[train.jsonl]", "data.min_length=1", "training.choice_loss={unlikelihood: 1}", "data.task=", "data.train_examples=", "data.examples_seed=0", "data.on_bad_row=refuse", "evaluation.shared_examples=", "evaluation.wrong_labels=0", "evaluation.balanced=false", "evaluation.description=", "evaluation.rank_by=mean")));

    [Fact]
    public void A_default_that_has_changed_is_another_job_and_the_earlier_one_is_that_of_the_runs_before() => Assert.Equal(
        "f8be62d006cb19976ab19a1efd6b5df49d4284757abb0fff607484fc2b8ec4ca",
        JobDigest.Of(Jobs.Parse(Jobs.Text, "base_dtype=float32", "training.group_by_length=false")));

    [Fact]
    public void Two_keys_that_differ_are_both_named_in_the_files_order() => Assert.Equal(
        ["method.r", "training.seed"],
        JobDigest.Differences(Job, Jobs.Parse(Jobs.Text, "training.seed=8", "method.r=4")).Select(one => one.Key));

    [Fact]
    public void A_digest_stays_what_it_was_when_runs_were_started() => Assert.Equal(
        "46ac10088ba41fec047936bfee693b6efbb73cc37559aa809e3656ab742f176f",
        JobDigest.Of(Job));
}
