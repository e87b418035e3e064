using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Tests.Transport;

public sealed class ClusterSecretTests
{
    private static readonly ReadOnlyMemory<byte> _secret = "a secret of this cluster"u8.ToArray();
    private static readonly Offer _offer = new("10.0.0.7:1/cpu:0", "cpu avx2", new NodeFacts("host", 7, "0.1.0", 2, 1L << 34, ""));

    [Fact]
    public void The_secret_comes_from_the_file_else_from_the_environment_else_there_is_none()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "secret");
        File.WriteAllText(file, "a secret from a file\n");
        Assert.Equal("a secret from a file"u8, ClusterSecret.Read(file, _ => "a secret of the environment").Span);
        Assert.Equal("a secret of the environment"u8, ClusterSecret.Read(null, name => name == "PEFTCLUSTER_SECRET" ? "a secret of the environment" : null).Span);
        Assert.True(ClusterSecret.Read(null, _ => null).IsEmpty);
    }

    [Fact]
    public void A_short_secret_and_a_missing_file_are_one_line_with_a_remedy()
    {
        var tooShort = Assert.Throws<BadInputException>(() => ClusterSecret.Read(null, _ => "fifteen bytes.."));
        Assert.StartsWith("PEFTCLUSTER_SECRET: the cluster's secret has 15 bytes; at least 16 are needed.", tooShort.Message, StringComparison.Ordinal);
        var missing = Assert.Throws<BadInputException>(() => ClusterSecret.Read("/nowhere/secret", _ => null));
        Assert.StartsWith("/nowhere/secret: the cluster's secret cannot be read", missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', missing.Message);
    }

    [Fact]
    public void An_offer_is_proved_by_the_secret_and_by_all_that_it_says()
    {
        var proved = Proved(_offer);
        Assert.True(ClusterSecret.Holds(_secret, proved));
        Assert.False(ClusterSecret.Holds("a secret of another one"u8.ToArray(), proved));
        Assert.False(ClusterSecret.Holds(_secret, _offer));
        Assert.False(ClusterSecret.Holds(_secret, proved with { Device = "10.0.0.7:1/cpu:1" }));
        Assert.False(ClusterSecret.Holds(_secret, proved with { NumericClass = "cpu avx512" }));
        foreach (var other in new[]
        {
            proved.Node with { Host = "other" }, proved.Node with { Process = 8 }, proved.Node with { Build = "0.2.0" },
            proved.Node with { Threads = 3 }, proved.Node with { MemoryBytes = 1 },
        })
            Assert.False(ClusterSecret.Holds(_secret, proved with { Node = other }));
    }

    /// <summary>Computed by Python's hmac over the fields, each behind its length: nodes of two builds must agree.</summary>
    [Fact]
    public void The_bytes_that_are_signed_stay_the_same() =>
        Assert.Equal("e36206b5ef068777dd09c14cb66be72f67ab6fee6c01d86674e87ab1a5a9313c", ClusterSecret.Proof(_secret, _offer));

    [Fact]
    public void Without_a_secret_an_offer_needs_no_proof() => Assert.True(ClusterSecret.Holds(default, _offer));

    private static Offer Proved(Offer offer) => offer with { Node = offer.Node with { Proof = ClusterSecret.Proof(_secret, offer) } };
}
