using System.Runtime.CompilerServices;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>Python's ==, &lt;, in, is, and the hash that goes with ==.</summary>
internal static class Equality
{
    public static IEqualityComparer<Value> Keys { get; } = new KeyComparer();

    /// <summary>left == right. An element of a list is also equal to itself where == says no (nan).</summary>
    public static bool Equal(Value left, Value right)
    {
        Budget.Guard();
        if (Numbers.Is(left) && Numbers.Is(right))
            return Numbers.Compare(left, right) == 0;
        return (left, right) switch
        {
            (TextValue a, TextValue b) => a.Text == b.Text,
            (UndefinedValue, UndefinedValue) => true,
            (ListValue a, ListValue b) => AllSame(a.Items, b.Items),
            (TupleValue a, TupleValue b) => AllSame(a.Items, b.Items),
            (DictValue a, DictValue b) => a.Length == b.Length && a.Pairs.All(pair => b.Item(pair.Key) is { } other && Same(pair.Value, other)),
            (DictViewValue { Kind: not "values" } a, DictViewValue { Kind: not "values" } b) => a.Length == b.Length && a.Iterate().All(item => Contains(b, item)),
            (RangeValue a, RangeValue b) => a.Length == b.Length && (a.Length == 0 || (a.Start == b.Start && (a.Length == 1 || a.Step == b.Step))),
            _ => ReferenceEquals(left, right),
        };
    }

    public static bool Same(Value left, Value right) => ReferenceEquals(left, right) || Equal(left, right);

    /// <summary>left is right.</summary>
    public static bool Identical(Value left, Value right) => ReferenceEquals(left, right)
        || (left is TextValue { Safe: false, Text.Length: <= 1 } a && right is TextValue { Safe: false } b && a.Text == b.Text)
        || (left is TupleValue { Items.Count: 0 } && right is TupleValue { Items.Count: 0 });

    /// <summary>Whether left stands before right; both kinds of order are asked for by their sign.</summary>
    /// <exception cref="TemplateFailure">The two cannot be ordered.</exception>
    public static bool Ordered(Value left, string sign, Value right)
    {
        if (Numbers.Is(left) && Numbers.Is(right))
            return Numbers.Compare(left, right) is { } order && Holds(order, sign);
        switch (left, right)
        {
            case (TextValue a, TextValue b):
                return Holds(CodePoints.Compare(a.Text, b.Text), sign);
            case (ListValue a, ListValue b):
                return Ordered(a.Items, sign, b.Items);
            case (TupleValue a, TupleValue b):
                return Ordered(a.Items, sign, b.Items);
            case (UndefinedValue missing, _):
                throw missing.Failure;
            case (_, UndefinedValue missing):
                throw missing.Failure;
            default:
                throw new TemplateFailure($"'{sign}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'");
        }
    }

    /// <summary>item in holder.</summary>
    public static bool Contains(Value holder, Value item) => holder switch
    {
        TextValue text => item is TextValue part
            ? text.Text.Contains(part.Text, StringComparison.Ordinal)
            : throw new TemplateFailure($"'in <string>' requires string as left operand, not {item.TypeName}"),
        DictValue dict => dict.Has(item),
        DictViewValue { Kind: "keys" } keys => keys.Dict.Has(item),
        RangeValue range when Numbers.Is(item) => range.Find(item) is not null,
        _ => (holder.Iterate() ?? throw new TemplateFailure($"argument of type '{holder.TypeName}' is not a container or iterable")).Any(other => Same(other, item)),
    };

    public static bool IsHashable(Value value) => value switch
    {
        ListValue or DictValue or DictViewValue { Kind: not "values" } => false,
        TupleValue tuple => tuple.Items.All(IsHashable),
        _ => true,
    };

    private static bool AllSame(IReadOnlyList<Value> left, IReadOnlyList<Value> right)
    {
        for (var index = 0; index < left.Count && left.Count == right.Count; index++)
        {
            if (!Same(left[index], right[index]))
                return false;
        }
        return left.Count == right.Count;
    }

    /// <summary>Lists are ordered by the first elements that differ, else by length.</summary>
    private static bool Ordered(IReadOnlyList<Value> left, string sign, IReadOnlyList<Value> right)
    {
        Budget.Guard();
        for (var index = 0; index < Math.Min(left.Count, right.Count); index++)
        {
            if (!Same(left[index], right[index]))
                return Ordered(left[index], sign, right[index]);
        }
        return Holds(left.Count.CompareTo(right.Count), sign);
    }

    private static bool Holds(int order, string sign) => sign switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private sealed class KeyComparer : IEqualityComparer<Value>
    {
        public bool Equals(Value? left, Value? right) => Same(left!, right!);

        public int GetHashCode(Value value)
        {
            Budget.Guard();
            return value switch
            {
                _ when Numbers.Whole(value) is { } number => number.GetHashCode(),
                FloatValue real => real.Number.GetHashCode(),
                TextValue text => string.GetHashCode(text.Text, StringComparison.Ordinal),
                UndefinedValue => 1,
                TupleValue tuple => tuple.Items.Aggregate(tuple.Items.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
                _ when !IsHashable(value) => throw new TemplateFailure($"cannot use '{value.TypeName}' as a dict key (unhashable type: '{value.TypeName}')"),
                _ => RuntimeHelpers.GetHashCode(value),
            };
        }
    }
}
