using PeftCluster.Server.Chaos;

namespace PeftCluster.Server.Tests.Chaos;

public sealed class ReliabilityTableTests
{
    [Theory]
    [InlineData("arithmetic", "a\n<!-- peft chaos: begin -->\n\nnew\n<!-- peft chaos: end -->\nb\n<!-- peft chaos --source real: begin -->\nold\n<!-- peft chaos --source real: end -->\nc\n")]
    [InlineData("real", "a\n<!-- peft chaos: begin -->\nold\n<!-- peft chaos: end -->\nb\n<!-- peft chaos --source real: begin -->\n\nnew\n<!-- peft chaos --source real: end -->\nc\n")]
    public void A_table_takes_the_place_of_its_own_source_only(string source, string becomes)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "reliability.md");
        File.WriteAllText(path, "a\n<!-- peft chaos: begin -->\nold\n<!-- peft chaos: end -->\nb\n<!-- peft chaos --source real: begin -->\nold\n<!-- peft chaos --source real: end -->\nc\n");

        ReliabilityTable.Put(path, "new", source);

        Assert.Equal(becomes, File.ReadAllText(path));
    }
}
