using System.Collections.Immutable;
using PeftCluster.Examples.Make;
using PeftCluster.Examples.Make.World;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>
/// The family that the base never sees: which word of the order is its destination, its count or its date? The base knows these words from other questions,
/// and such questions with other words. (With all five unasked words 32 examples are too few; see docs/decisions.md.)
/// </summary>
internal static class HeldOutTask
{
    /// <summary>How many words of the order there are to choose from.</summary>
    public const int Choices = 4;

    /// <summary>The words that it asks for.</summary>
    public static ImmutableArray<Aspect> Aspects { get; } = [.. Aspect.Unasked.Where(aspect => aspect.Word is "destination" or "count" or "date")];

    public static Family Family { get; } = new("held out", Draw,
    [
        new("question", "{0} Which {1}?"),
        new("question-first", "Which {1}? {0}"),
        new("open", "{0} The {1} is"),
        new("sentence", "{0} Which {1}? Say it in a sentence.", "It is {0}."),
    ]);

    private static Question Draw(PhiloxStream random)
    {
        var (order, aspect) = (Order.Draw(random), random.Pick(Aspects));
        var others = random.PickDifferent([.. Words.Fields.Where(field => field != aspect.Field)], Choices - 1);
        var fields = random.PickDifferent([aspect.Field, .. others], Choices).ToList();
        return new Question(order.Sentence, aspect.Word, [.. fields.Select(field => order[field])], fields.IndexOf(aspect.Field));
    }
}
