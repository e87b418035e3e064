using PeftCluster.Cluster.Transport.Sockets;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

public sealed class ByteAddressTests
{
    [Theory]
    [InlineData("10.0.0.7:41020", "10.0.0.7:41020")]
    [InlineData("10.0.0.7:41020+unix:/tmp/peft-41-41020.sock@host", "10.0.0.7:41020")]
    [InlineData("", "")]
    public void An_endpoint_is_the_same_place_whatever_its_unix_socket_is_called(string address, string place) =>
        Assert.Equal(place, ByteAddress.TcpOf(address));

    [Theory]
    [InlineData("10.0.0.7:41020")]
    [InlineData("[::1]:41020+unix:/tmp/a@b.sock@host")]
    public void An_address_that_is_read_and_written_is_the_same(string text) => Assert.Equal(text, ByteAddress.Parse(text).ToString());
}
