namespace PeftCluster.Data.Tokenizers;

/// <summary>The special tokens that post_processor puts around one text (TemplateProcessing, RoBERTa's and BERT's own; ByteLevel moves offsets only).</summary>
internal sealed record SpecialFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    private static readonly SpecialFrame Nothing = new([], []);

    public static SpecialFrame Read(JsonPlace root) => root.Get("post_processor") is { } place ? Of(place) : Nothing;

    private static SpecialFrame Of(JsonPlace place) => place.Type() switch
    {
        "ByteLevel" => Nothing,
        "TemplateProcessing" => Template(place),
        "RobertaProcessing" or "BertProcessing" => new SpecialFrame([Named(place.Need("cls"))], [Named(place.Need("sep"))]),
        "Sequence" => place.Need("processors").Items().Select(Of).Aggregate(Nothing, (inner, outer) =>
            new SpecialFrame([.. outer.Before, .. inner.Before], [.. inner.After, .. outer.After])),
        var other => throw place.Bad($"{other} is not supported. Known are ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing, and a Sequence of them."),
    };

    // ["</s>", 2]
    private static int Named(JsonPlace place) => place.Items().Skip(1).Select(id => (int?)id.Id()).FirstOrDefault() ?? throw place.Bad("needs a token and its id.");

    private static SpecialFrame Template(JsonPlace place)
    {
        var before = new List<int>();
        List<int>? after = null;
        foreach (var piece in place.Need("single").Items())
        {
            if (piece.Get("Sequence") is { } sequence)
            {
                if (sequence.Need("id").Text() != "A" || after is not null)
                    throw piece.Bad("a template of one text holds the sequence A, once.");
                after = [];
                continue;
            }
            var name = piece.Need("SpecialToken").Need("id").Text();
            (after ?? before).AddRange(place.Need("special_tokens").Need(name).Need("ids").Items().Select(id => id.Id()));
        }
        return new SpecialFrame(before, after ?? throw place.Bad("\"single\" does not hold the sequence A."));
    }
}
