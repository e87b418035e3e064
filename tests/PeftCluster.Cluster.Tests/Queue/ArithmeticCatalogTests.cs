using PeftCluster.Cluster.Queue;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Queue;

public sealed class ArithmeticCatalogTests
{
    [Fact]
    public async Task The_key_says_how_many_rows_there_are()
    {
        var rows = await OpenAsync(ArithmeticCatalog.Reference(70, 24).Key);
        Assert.Equal((70, 24), (rows.Train.Count, rows.HeldOutRows));
    }

    [Theory]
    [InlineData("5f5f")]
    [InlineData("arithmetic:0:24")]
    [InlineData("arithmetic:-1:24")]
    [InlineData("arithmetic:7")]
    public async Task Another_key_is_refused(string key) => await Assert.ThrowsAsync<BadInputException>(() => OpenAsync(key));

    private static Task<RunRows> OpenAsync(string key) =>
        new ArithmeticCatalog().OpenAsync(SourceRequest.Own(TestRuns.Job()) with { Data = DataReference.Own(key) }, TestContext.Current.CancellationToken);
}
