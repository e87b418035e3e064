using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Wire;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Client;

public sealed class SubmissionProofTests
{
    private static readonly byte[] _secret = "a secret of this cluster"u8.ToArray();
    private static readonly SubmitJob _submit = new("run", "submission", "model: ü\n", DataReference.Own("key"), Resume: false, "");

    /// <summary>Computed by Python's hmac over the fields, each behind its length: nodes of two builds must agree.</summary>
    [Fact]
    public void The_bytes_that_are_signed_stay_the_same()
    {
        Assert.Equal("13c183287e4f5e7bea96e9b479796f68280d070173285709ae01b23c52cbb056", SubmissionProof.Of(_secret, _submit));
        var based = new DataReference("key", [], new BaseReference([new DataFile("model.safetensors", "aa", 1)]));
        Assert.Equal("b405a20ddcc39a9444b248ed68a3c164e6e6be07a514b291187ad73d7bbf4272", SubmissionProof.Of(_secret, _submit with { Data = based, Resume = true }));
    }

    [Fact]
    public void A_submission_is_proved_by_the_secret_and_by_all_that_it_says()
    {
        var proved = _submit with { Proof = SubmissionProof.Of(_secret, _submit) };
        Assert.Null(SubmissionProof.Refusal(_secret, proved));
        Assert.NotNull(SubmissionProof.Refusal("a secret of another one"u8, proved));
        foreach (var other in new[]
        {
            _submit, proved with { RunId = "run2" }, proved with { Submission = "another" }, proved with { JobYaml = "model: u\n" },
            proved with { Data = DataReference.Own("yek") }, proved with { Resume = true },
        })
            Assert.Equal("the job comes without the cluster's secret. Give it with --secret-file.", SubmissionProof.Refusal(_secret, other));
    }

    [Fact]
    public void Without_a_secret_a_submission_needs_no_proof() => Assert.Null(SubmissionProof.Refusal([], _submit));
}
