using System.Numerics;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>A list or a tuple.</summary>
internal abstract class SequenceValue(IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Items { get; } = items;

    public override int? Length => Items.Count;

    public override IEnumerable<Value> Iterate() => Items;

    public override Value? Item(Value key) => Numbers.Index(key, Items.Count) is { } index ? Items[index] : null;

    public override Value? Attribute(string name) => name switch
    {
        "count" => new FunctionValue(name, (arguments, _) => Items.Count(item => Equality.Same(item, arguments.One(name)))),
        "index" => new FunctionValue(name, (arguments, _) => IndexOf(arguments.One(name))),
        _ => null,
    };

    private IntValue IndexOf(Value wanted)
    {
        for (var index = 0; index < Items.Count; index++)
        {
            if (Equality.Same(Items[index], wanted))
                return IntValue.Of(index);
        }
        throw new TemplateFailure($"{TypeName}.index(x): x not in {TypeName}");
    }
}

/// <summary>A list. The sandbox keeps templates from changing one.</summary>
internal sealed class ListValue(IReadOnlyList<Value> items) : SequenceValue(items)
{
    private static readonly HashSet<string> Changing = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"];

    public override string TypeName => "list";

    public override bool Hides(string attribute) => Changing.Contains(attribute);

    public override Value? Attribute(string name) => name == "copy"
        ? new FunctionValue(name, (arguments, budget) =>
        {
            arguments.Take(name, [], 0);
            budget.Step(Items.Count);
            return new ListValue([.. Items]);
        })
        : base.Attribute(name);

    public override void Repr(ReprWriter to) => to.Add("[").AddAll(Items).Add("]");
}

/// <summary>A tuple.</summary>
internal class TupleValue(IReadOnlyList<Value> items) : SequenceValue(items)
{
    public override string TypeName => "tuple";

    public override void Repr(ReprWriter to) => to.Add("(").AddAll(Items).Add(Items.Count == 1 ? ",)" : ")");
}

/// <summary>What groupby gives: a pair whose parts have names.</summary>
internal sealed class GroupValue(Value grouper, ListValue members) : TupleValue([grouper, members])
{
    public override Value? Attribute(string name) => name switch
    {
        "grouper" => Items[0],
        "list" => Items[1],
        _ => base.Attribute(name),
    };
}

/// <summary>range(start, stop, step): its numbers are never all in memory.</summary>
internal sealed class RangeValue(BigInteger start, BigInteger stop, BigInteger step) : Value
{
    /// <summary>The sandbox's limit of a range's length.</summary>
    public const int MostLength = 100_000;

    public override string TypeName => "range";

    public BigInteger Start { get; } = start;

    public BigInteger Step { get; } = step;

    public override int? Length { get; } = Count(start, stop, step);

    public override IEnumerable<Value> Iterate()
    {
        for (var index = 0; index < Length; index++)
            yield return IntValue.Of(Start + index * Step);
    }

    public override Value? Item(Value key) => Numbers.Index(key, Length!.Value) is { } index ? IntValue.Of(Start + index * Step) : null;

    public override Value? Attribute(string name) => name switch
    {
        "start" => IntValue.Of(Start),
        "stop" => IntValue.Of(stop),
        "step" => IntValue.Of(Step),
        "count" => new FunctionValue(name, (arguments, _) => Find(arguments.One(name)) is null ? 0 : 1),
        "index" => new FunctionValue(name, (arguments, _) => Find(arguments.One(name)) ?? throw new TemplateFailure("the number is not in range")),
        _ => null,
    };

    /// <summary>Where a number stands in the range, or null.</summary>
    public Value? Find(Value wanted)
    {
        if (Numbers.Whole(wanted) is not { } number)
            return null;
        var index = BigInteger.DivRem(number - Start, Step, out var rest);
        return rest.IsZero && index >= 0 && index < Length ? IntValue.Of(index) : null;
    }

    public override void Repr(ReprWriter to)
    {
        to.Add("range(").Add(IntValue.Of(Start)).Add(", ").Add(IntValue.Of(stop));
        _ = Step.IsOne ? to : to.Add(", ").Add(IntValue.Of(Step));
        to.Add(")");
    }

    private static int Count(BigInteger start, BigInteger stop, BigInteger step)
    {
        if (step.IsZero)
            throw new TemplateFailure("range() arg 3 must not be zero");
        var count = step.Sign > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        if (count > MostLength)
            throw new TemplateFailure($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MostLength}).");
        return (int)BigInteger.Max(count, 0);
    }
}
