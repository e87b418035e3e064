using Akka.TestKit.Xunit;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Tests.Coordinator;

public sealed class WorkerBookTests() : TestKit("akka { loglevel = OFF, stdout-loglevel = OFF }")
{
    private readonly WorkerBook _book = new(new Admission("0.1.0", offer => offer.Node.Proof == "right"));

    [Fact]
    public void A_repeated_offer_changes_nothing()
    {
        Assert.True(_book.Take(Offer("a/cpu:0"), TestActor).IsNew);
        Assert.Equal(new OfferAnswer(null, IsNew: false, Replaced: null), _book.Take(Offer("a/cpu:0"), TestActor));
        Assert.Single(_book.Admitted);
    }

    [Fact]
    public void A_device_that_comes_with_another_actor_is_in_a_new_process()
    {
        var later = CreateTestProbe();
        _book.Take(Offer("a/cpu:0"), TestActor);
        Assert.Equal(new OfferAnswer(null, IsNew: true, Replaced: TestActor), _book.Take(Offer("a/cpu:0"), later));
        Assert.False(_book.Remove(TestActor, out _));
        Assert.Equal(later.Ref, Assert.Single(_book.Admitted).Actor);
    }

    [Fact]
    public void Another_build_and_a_wrong_proof_are_refused_with_the_reason_and_shown()
    {
        Assert.Equal("its build is 0.2.0, the coordinator's is 0.1.0. Install the same one.", _book.Take(Offer("a/cpu:0", build: "0.2.0"), TestActor).Refused);
        Assert.Contains("secret", _book.Take(Offer("b/cpu:0", proof: "wrong"), TestActor).Refused, StringComparison.Ordinal);
        Assert.Empty(_book.Admitted);
        Assert.Equal(["a/cpu:0", "b/cpu:0"], _book.Statuses(_ => null, _ => null).Select(worker => worker.Device));
        Assert.All(_book.Statuses(_ => null, _ => null), worker => Assert.NotNull(worker.Refused));
    }

    [Fact]
    public void A_refused_device_that_comes_right_is_admitted()
    {
        _book.Take(Offer("a/cpu:0", build: "0.2.0"), TestActor);
        _book.Take(Offer("a/cpu:0"), TestActor);
        Assert.Null(Assert.Single(_book.Statuses(_ => "01JD", _ => null)).Refused);
        Assert.Equal("01JD", Assert.Single(_book.Statuses(_ => "01JD", _ => null)).Work);
    }

    [Fact]
    public void What_a_run_says_of_a_worker_is_shown()
    {
        _book.Take(Offer("a/cpu:0"), TestActor);
        Assert.Equal("it is slow", Assert.Single(_book.Statuses(_ => "01JD", device => device == "a/cpu:0" ? "it is slow" : null)).Note);
    }

    [Fact]
    public void The_proof_is_never_told() =>
        Assert.All(Told(), worker => Assert.Equal("", worker.Node.Proof));

    [Fact]
    public void A_device_whose_connection_ended_is_gone_until_it_is_offered_again()
    {
        _book.Take(Offer("a/cpu:0"), TestActor);
        Assert.True(_book.Remove("a/cpu:0", out var actor));
        Assert.Equal(TestActor, actor);
        Assert.False(_book.Remove("a/cpu:0", out _));
        Assert.True(_book.Take(Offer("a/cpu:0"), TestActor).IsNew);
    }

    private IReadOnlyList<WorkerStatus> Told()
    {
        _book.Take(Offer("a/cpu:0"), TestActor);
        _book.Take(Offer("b/cpu:0", build: "0.2.0"), TestActor);
        return _book.Statuses(_ => null, _ => null);
    }

    private static Offer Offer(string device, string build = "0.1.0", string proof = "right") =>
        new(device, "x86 avx2, 1 thread", new NodeFacts("ada", 41, build, 1, 64_000_000_000, proof));
}
