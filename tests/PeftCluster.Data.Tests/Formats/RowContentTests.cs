using System.Text.Json;
using CsCheck;
using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tests.Formats;

/// <summary>What makes two rows the same one, and on which side of a split a row is.</summary>
public sealed class RowContentTests
{
    private static readonly string[] Columns = ["a", "b"];

    [Theory]
    [InlineData("""{"a": "x", "b": "y"}""", """{"b":"\u0079","a":"x","id":7}""")]
    [InlineData("""{"a": "x"}""", """{"a": "x", "b": null}""")]
    [InlineData("""{"a": "x"}""", """{"a": "x", "b": ""}""")]
    [InlineData("""{"a": {"p": 1, "q": [true, null]}}""", """{"a": {"q": [true , null ], "p": 1}}""")]
    public void How_a_row_is_written_does_not_count(string first, string second) => Assert.Equal(Of(first), Of(second));

    [Theory]
    [InlineData("""{"a": "xy", "b": ""}""", """{"a": "x", "b": "y"}""")]
    [InlineData("""{"a": "x", "b": "y"}""", """{"a": "y", "b": "x"}""")]
    [InlineData("""{"a": "1"}""", """{"a": 1}""")]
    [InlineData("""{"a": ["x", "y"]}""", """{"a": ["xy"]}""")]
    [InlineData("""{"a": [["x"], "y"]}""", """{"a": [["x", "y"]]}""")]
    [InlineData("""{"a": {"p": "q"}}""", """{"a": ["p", "q"]}""")]
    public void Other_content_is_another_row(string first, string second) => Assert.NotEqual(Of(first), Of(second));

    [Fact]
    public void Every_row_is_on_one_side_and_the_sides_have_their_shares() => Gen.Select(Gen.Double[0.05, 0.95], Gen.Long[0, long.MaxValue]).Sample(
        (fraction, seed) =>
        {
            var rows = Enumerable.Range(0, 4000).Select(row => Of($"{{\"a\": \"row {row}\"}}")).ToList();
            var heldOut = new HeldOutSplit(fraction, seed, HeldOut: true);
            var learnt = heldOut with { HeldOut = false };
            Assert.All(rows, row => Assert.NotEqual(heldOut.Takes(row), learnt.Takes(row)));
            // Six standard deviations of 4,000 draws.
            Assert.InRange(rows.Count(heldOut.Takes), 4000 * fraction - 6 * 32, 4000 * fraction + 6 * 32);
        }, iter: 20, threads: 1);

    [Fact]
    public void A_side_stays_what_it_was_and_another_seed_holds_out_other_rows()
    {
        string Sides(long seed) => string.Concat(Enumerable.Range(0, 32).Select(row => new HeldOutSplit(0.3, seed, HeldOut: true).Takes(Of($"{{\"a\": \"row {row}\"}}")) ? '1' : '0'));

        Assert.Equal("10100001010100100000011000110001", Sides(0));
        Assert.NotEqual(Sides(0), Sides(1));
    }

    private static UInt128 Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new RowContent(Columns).Of(document.RootElement);
    }
}
