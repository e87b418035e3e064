using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Preflight;

/// <summary>Whether rows teach the model to stop: a token of end that is there, missing, or there without a label.</summary>
public sealed class EndCheckTests
{
    private const int End = TinyModel.Eos;
    private const int Letter = 50;

    private static (int[], LabelSpan[]) Row(int start, int end, params int[] tokens) => (tokens, [new LabelSpan(start, end)]);

    private static IReadOnlyList<Finding> Findings(params (int[], LabelSpan[])[] rows)
    {
        using var model = new TinyModel();
        var set = new MadeRows(rows).Set;
        return [.. DataPreflight.Run(set, new EndCheck(set, model.Load(), [End], maxLength: 8))];
    }

    [Fact]
    public void An_answer_that_ends_with_the_token_brings_no_finding() =>
        Assert.Empty(Findings(Row(1, 4, Letter, Letter, Letter, End), Row(1, 5, Letter, Letter, Letter, End, Letter)));

    [Fact]
    public void An_answer_without_it_is_warned_of()
    {
        var found = Assert.Single(Findings(Row(1, 3, Letter, Letter, End), Row(1, 4, Letter, Letter, Letter, Letter)));

        Assert.Equal((FindingKind.EndMissing, Severity.Warning), (found.Kind, found.Severity));
        Assert.Equal("data.train: 1 of 2 rows end without a token of end (\"<eos>\"), so the model does not learn to stop (the first: rows.jsonl:2). Let each answer end with it: in the chat template, or by eos_token in tokenizer_config.json.", found.Text);
    }

    [Fact]
    public void One_that_stands_behind_the_labels_is_warned_of_as_masked()
    {
        var found = Assert.Single(Findings(Row(1, 3, Letter, Letter, Letter, End), Row(1, 3, Letter, Letter, Letter, Letter, End)));

        Assert.Equal((FindingKind.EndMasked, Severity.Warning), (found.Kind, found.Severity));
        Assert.Equal("data.train: 2 of 2 rows have \"<eos>\" behind the answer without a label, so the model does not learn to stop (the first: rows.jsonl:1). Let the labels reach over it: a chat template's generation block must hold the token that ends the turn.", found.Text);
    }

    [Fact]
    public void The_end_of_an_earlier_turn_does_not_count() =>
        Assert.Equal(FindingKind.EndMissing, Assert.Single(Findings(([Letter, Letter, End, Letter, Letter, Letter, Letter], [new LabelSpan(1, 3), new LabelSpan(3, 7)]))).Kind);

    [Fact]
    public void A_row_that_was_cut_proves_nothing() =>
        Assert.Empty(Findings(Row(1, 8, Letter, Letter, Letter, Letter, Letter, Letter, Letter, Letter)));
}
