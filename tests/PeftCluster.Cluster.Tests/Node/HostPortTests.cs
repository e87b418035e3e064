using PeftCluster.Cluster.Node;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Tests.Node;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("10.0.0.7:4100", "10.0.0.7", 4100)]
    [InlineData("gpu7:0", "gpu7", 0)]
    [InlineData("peft-coordinator-0.peft-coordinator", "peft-coordinator-0.peft-coordinator", 4700)]
    [InlineData("[::1]:4100", "::1", 4100)]
    [InlineData("[::1]", "::1", 4700)]
    public void A_place_is_a_host_and_a_port(string text, string host, int port) =>
        Assert.Equal(new HostPort(host, port), HostPort.Parse(text, "--join"));

    [Theory]
    [InlineData("")]
    [InlineData(":4700")]
    [InlineData("gpu7:")]
    [InlineData("gpu7:port")]
    [InlineData("gpu7:65536")]
    [InlineData("http://gpu7:4700")]
    [InlineData("gpu 7:4700")]
    public void What_is_no_place_is_one_line_that_shows_one(string text)
    {
        var refused = Assert.Throws<BadInputException>(() => HostPort.Parse(text, "--join"));
        Assert.Equal($"--join: \"{text}\" is no place. Write host:port, for example 10.0.0.7:4700; ports go to 65535.", refused.Message);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.1.2.3", true)]
    [InlineData("::1", true)]
    [InlineData("localhost", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.0.0.7", false)]
    [InlineData("gpu7", false)]
    public void Only_a_loopback_address_is_closed_to_other_machines(string host, bool closed) =>
        Assert.Equal(closed, new HostPort(host, 4700).IsLoopback);
}
