using PeftCluster.Cluster.Node;
using PeftCluster.Jobs;
using PeftCluster.Server.Security;

namespace PeftCluster.Server.Tests.Security;

public sealed class CertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [Fact]
    public void Machines_of_one_authority_trust_each_other_and_those_of_another_do_not()
    {
        Make("one", "gpu1", "gpu2");
        Make("two", "gpu1");
        var first = NodeCertificates.Read(In("one/gpu1"), TimeProvider.System);
        var second = NodeCertificates.Read(In("one/gpu2"), TimeProvider.System);
        var stranger = NodeCertificates.Read(In("two/gpu1"), TimeProvider.System);
        Assert.True(first.Trusts(second.Own) && second.Trusts(first.Own));
        Assert.False(first.Trusts(stranger.Own));
        Assert.False(first.Trusts(null));
    }

    [Fact]
    public void A_machine_that_is_added_later_is_signed_by_the_same_authority()
    {
        Assert.Equal([In("one/ca"), In("one/gpu1")], Make("one", "gpu1"));
        Assert.Equal([In("one/gpu2")], Make("one", "gpu2"));
        Assert.True(NodeCertificates.Read(In("one/gpu1"), TimeProvider.System).Trusts(NodeCertificates.Read(In("one/gpu2"), TimeProvider.System).Own));
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        Make("one", "gpu1");
        Assert.Contains("not overwritten", Assert.Throws<BadInputException>(() => Make("one", "gpu1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_readable_by_their_owner_only()
    {
        Make("one", "gpu1");
        if (OperatingSystem.IsWindows())
            return;
        foreach (var path in new[] { "one/ca/ca.key", "one/gpu1/node.key" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In(path)));
    }

    [Fact]
    public void An_expired_certificate_is_one_line_with_file_and_date()
    {
        ClusterCertificates.Make(In("old"), ["gpu1"], days: 2, _now.AddDays(-3));
        var refused = Assert.Throws<BadInputException>(() => NodeCertificates.Read(In("old/gpu1"), TimeProvider.System));
        Assert.Equal($"{In("old/gpu1/node.pem")}: expired on {_now.AddDays(-1):yyyy-MM-dd HH:mm} UTC. Make a new one with: peft cluster certificates", refused.Message);
    }

    [Fact]
    public void A_certificate_of_another_authority_or_a_missing_file_is_one_line()
    {
        Make("one", "gpu1");
        Make("two", "gpu1");
        File.Copy(In("two/gpu1/ca.pem"), In("one/gpu1/ca.pem"), overwrite: true);
        Assert.Contains("is not signed by the ca.pem beside it", Assert.Throws<BadInputException>(() => NodeCertificates.Read(In("one/gpu1"), TimeProvider.System)).Message, StringComparison.Ordinal);
        File.Delete(In("two/gpu1/node.key"));
        Assert.StartsWith($"--tls: {In("two/gpu1/node.pem")}", Assert.Throws<BadInputException>(() => NodeCertificates.Read(In("two/gpu1"), TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0", false, "--secret-file")]
    [InlineData("10.0.0.7", true, "--tls")]
    public void A_node_that_others_can_reach_is_protected_or_refused(string host, bool secret, string remedy)
    {
        var protection = new ClusterProtection(secret ? new byte[16] : default, null, []);
        Assert.Contains(remedy, Assert.Throws<BadInputException>(() => protection.CheckOpen(new HostPort(host, 4700), insecure: false)).Message, StringComparison.Ordinal);
        protection.CheckOpen(new HostPort("127.0.0.1", 4700), insecure: false);
        (protection with { Secret = new byte[16] }).CheckOpen(new HostPort(host, 4700), insecure: true);
    }

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<string> Make(string folder, params string[] hosts) => ClusterCertificates.Make(In(folder), hosts, 30, _now);

    private string In(string name) => Path.Combine(_folder.Path, name);
}
