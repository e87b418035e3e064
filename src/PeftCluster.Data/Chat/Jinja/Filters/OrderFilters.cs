using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>Filters that compare items: sort, dictsort, unique, groupby, min, max.</summary>
internal static class OrderFilters
{
    public static Value Sort(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("sort", ["reverse", "case_sensitive", "attribute"], 0);
        // Several attributes are one key: a list.
        List<AttributePath> paths = given[2] is TextValue text
            ? [.. text.Text.Split(',').Select(part => AttributePath.Of(part, budget))]
            : [AttributePath.Of(given[2] ?? NoneValue.None, budget)];
        var exact = given[1]?.Truth == true;
        return new ListValue(Sorted(value.ToList(budget), item => new ListValue([.. paths.Select(path => Cased(path.Get(item), exact))]), given[0]?.Truth == true, budget));
    }

    public static Value DictSort(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("dictsort", ["case_sensitive", "by", "reverse"], 0);
        var byValue = given[1] switch
        {
            null or TextValue { Text: "key" } => false,
            TextValue { Text: "value" } => true,
            _ => throw new TemplateFailure("You can only sort by either \"key\" or \"value\""),
        };
        if (value is not DictValue dict)
            throw value is UndefinedValue missing ? missing.Failure : new TemplateFailure($"'{value.TypeName}' object has no attribute 'items'");
        var exact = given[0]?.Truth == true;
        return new ListValue(Sorted(new DictViewValue(dict, "items").ToList(budget), pair => Cased(((TupleValue)pair).Items[byValue ? 1 : 0], exact), given[2]?.Truth == true, budget));
    }

    public static Value Unique(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("unique", ["case_sensitive", "attribute"], 0);
        var (path, exact) = (AttributePath.Of(given[1] ?? NoneValue.None, budget), given[0]?.Truth == true);
        return new IteratorValue("generator", Each());

        IEnumerable<Value> Each()
        {
            var seen = new HashSet<Value>(Equality.Keys);
            foreach (var item in value.NeedIterate())
            {
                budget.Step();
                if (seen.Add(Cased(path.Get(item), exact)))
                    yield return item;
            }
        }
    }

    public static Value GroupBy(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("groupby", ["attribute", "default", "case_sensitive"], 1);
        var (path, exact) = (AttributePath.Of(given[0]!, budget, given[1]), given[2]?.Truth == true);
        var groups = new List<(Value Key, List<Value> Members)>();
        foreach (var item in Sorted(value.ToList(budget), item => Cased(path.Get(item), exact), false, budget))
        {
            var key = Cased(path.Get(item), exact);
            if (groups.Count > 0 && Equality.Same(groups[^1].Key, key))
                groups[^1].Members.Add(item);
            else
                groups.Add((key, [item]));
        }
        return new ListValue([.. groups.Select(group => new GroupValue(exact ? group.Key : path.Get(group.Members[0]), new ListValue(group.Members)))]);
    }

    public static Value Min(Value value, CallArguments arguments, Budget budget) => Extreme("min", "<", value, arguments, budget);

    public static Value Max(Value value, CallArguments arguments, Budget budget) => Extreme("max", ">", value, arguments, budget);

    private static Value Extreme(string name, string sign, Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take(name, ["case_sensitive", "attribute"], 0);
        var (path, exact) = (AttributePath.Of(given[1] ?? NoneValue.None, budget), given[0]?.Truth == true);
        (Value Item, Value Key)? best = null;
        foreach (var item in value.NeedIterate())
        {
            budget.Step();
            var key = Cased(path.Get(item), exact);
            if (best is null || Equality.Ordered(key, sign, best.Value.Key))
                best = (item, key);
        }
        return best?.Item ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    private static Value Cased(Value value, bool exact) => exact ? value : AttributePath.IgnoreCase(value);

    /// <summary>sorted(): equal items stay in their order, also backwards. A merge sort, since .NET's are not stable or hide what a comparison threw.</summary>
    private static List<Value> Sorted(List<Value> items, Func<Value, Value> keyOf, bool reverse, Budget budget)
    {
        List<(Value Item, Value Key)> sorted = [.. items.Select(item => (item, keyOf(item)))];
        for (var size = 1; size < sorted.Count; size *= 2)
        {
            var merged = new List<(Value Item, Value Key)>(sorted.Count);
            for (var start = 0; start < sorted.Count; start += 2 * size)
            {
                var (left, middle) = (start, Math.Min(start + size, sorted.Count));
                var (right, end) = (middle, Math.Min(start + 2 * size, sorted.Count));
                while (left < middle && right < end)
                {
                    budget.Step();
                    var takeRight = reverse ? Before(sorted[left], sorted[right]) : Before(sorted[right], sorted[left]);
                    merged.Add(takeRight ? sorted[right++] : sorted[left++]);
                }
                merged.AddRange(sorted[left..middle]);
                merged.AddRange(sorted[right..end]);
            }
            sorted = merged;
        }
        return [.. sorted.Select(pair => pair.Item)];
    }

    private static bool Before((Value Item, Value Key) left, (Value Item, Value Key) right) => Equality.Ordered(left.Key, "<", right.Key);
}
