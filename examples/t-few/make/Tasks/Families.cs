using System.Collections.Immutable;
using PeftCluster.Examples.Make.World;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>The families that the base is pre-trained on: which value, which of two kinds, and whether it is of the one kind; each in several wordings.</summary>
internal static class Families
{
    private static readonly ImmutableArray<Template> OfValues =
    [
        new("question", "{0} Which {1}?"),
        new("question-first", "Which {1}? {0}"),
        new("asked", "{0} Question: what is the {1}? Answer:"),
        new("open", "{0} The {1} is"),
        new("sentence", "{0} Which {1}? Say it in a sentence.", "It is {0}."),
    ];

    public static ImmutableArray<Family> All { get; } =
    [
        .. Words.Fields.Select(field => Value(Words.Name(field), field)),
        .. Aspect.Asked.Select(aspect => Value(aspect.Word, aspect.Field)),
        .. Aspect.Unasked.Concat(Aspect.Asked).SelectMany(aspect => new[] { Kind(aspect), Check(aspect) }),
    ];

    private static Family Value(string word, Field field)
    {
        var all = Words.Of(field).ToList();
        return new($"which {word}", random => Ask(random, order => new(order.Sentence, word, all, all.IndexOf(order[field]))), OfValues);
    }

    private static Family Kind(Aspect aspect) => new($"{aspect.Word}: {aspect.Kind} or {aspect.Other}",
        random => Ask(random, order => new(order.Sentence, aspect.Word, [aspect.Kind, aspect.Other], aspect.KindOf(order) == aspect.Kind ? 0 : 1)),
        [
            new("question", $"{{0}} Is the {{1}} {aspect.Kind} or {aspect.Other}?"),
            new("question-first", $"Is the {{1}} {aspect.Kind} or {aspect.Other}? {{0}}"),
            new("open", $"{{0}} {aspect.Kind} or {aspect.Other}: the {{1}} is"),
            new("sentence", $"{{0}} Is the {{1}} {aspect.Kind} or {aspect.Other}? Say it in a sentence.", "It is {0}."),
        ]);

    private static Family Check(Aspect aspect) => new($"is the {aspect.Word} {aspect.Kind}",
        random => Ask(random, order => new(order.Sentence, aspect.Word, ["yes", "no"], aspect.KindOf(order) == aspect.Kind ? 0 : 1)),
        [
            new("question", $"{{0}} Is the {{1}} {aspect.Kind}?"),
            new("question-first", $"Is the {{1}} {aspect.Kind}? {{0}}"),
            new("claim", $"{{0}} Claim: the {{1}} is {aspect.Kind}. Right?"),
        ]);

    private static Question Ask(PhiloxStream random, Func<Order, Question> ask) => ask(Order.Draw(random));
}
