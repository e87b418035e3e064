using System.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>Filters over lists and dicts as a whole: length, first, last, join, list, items, batch, slice, reverse, default.</summary>
internal static class SequenceFilters
{
    public static Value Length(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("length", [], 0);
        return value.NeedLength();
    }

    public static Value Default(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("default", ["default_value", "boolean"], 0);
        return value is UndefinedValue || (given[1]?.Truth == true && !value.Truth) ? given[0] ?? TextValue.Empty : value;
    }

    public static Value First(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("first", [], 0);
        return value.NeedIterate().FirstOrDefault() ?? new UndefinedValue("No first item, sequence was empty.");
    }

    public static Value Last(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("last", [], 0);
        var items = Backwards(value) ?? throw new TemplateFailure($"'{value.TypeName}' object is not reversible");
        return items.FirstOrDefault() ?? new UndefinedValue("No last item, sequence was empty.");
    }

    public static Value Reverse(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("reverse", [], 0);
        if (value is TextValue)
            return Slices.Of(value, null, null, -1, false, budget);
        if (Backwards(value) is { } items)
            return new IteratorValue("reversed", items);
        if (value.Iterate() is null)
            throw new TemplateFailure("argument must be iterable");
        var read = value.ToList(budget);
        read.Reverse();
        return new ListValue(read);
    }

    public static Value List(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("list", [], 0);
        return new ListValue(value.ToList(budget));
    }

    public static Value Items(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("items", [], 0);
        return new IteratorValue("generator", Each());

        // Also the complaint waits until somebody reads the pairs.
        IEnumerable<Value> Each()
        {
            if (value is UndefinedValue)
                yield break;
            if (value is not DictValue dict)
                throw new TemplateFailure("Can only get item pairs from a mapping.");
            foreach (var pair in new DictViewValue(dict, "items").Iterate())
                yield return pair;
        }
    }

    public static Value Join(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("join", ["d", "attribute"], 0);
        var items = given[1] is null or NoneValue ? value.NeedIterate() : value.NeedIterate().Select(AttributePath.Of(given[1]!, budget).Get);
        var (between, text) = (given[0]?.Str(budget) ?? "", new StringBuilder());
        var first = true;
        foreach (var item in items)
        {
            budget.Step();
            var part = item.Str(budget);
            budget.Text(part.Length + between.Length);
            text.Append(first ? "" : between).Append(part);
            first = false;
        }
        return text.ToString();
    }

    /// <summary>Lists of so many items; the last one is filled up where something is given for that.</summary>
    public static Value Batch(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("batch", ["linecount", "fill_with"], 1);
        return new IteratorValue("generator", Each());

        IEnumerable<Value> Each()
        {
            var line = new List<Value>();
            foreach (var item in value.NeedIterate())
            {
                budget.Step();
                if (Equality.Equal(line.Count, given[0]!))
                {
                    yield return new ListValue(line);
                    line = [];
                }
                line.Add(item);
            }
            if (line.Count == 0)
                yield break;
            if (given[1] is { } fill and not NoneValue && Equality.Ordered(line.Count, "<", given[0]!))
            {
                var missing = Numbers.Need(given[0]!) - line.Count;
                budget.Step(missing);
                line.AddRange(Enumerable.Repeat(fill, missing));
            }
            yield return new ListValue(line);
        }
    }

    /// <summary>So many lists of about equal length.</summary>
    public static Value Slice(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("slice", ["slices", "fill_with"], 1);
        return new IteratorValue("generator", Each());

        IEnumerable<Value> Each()
        {
            var (items, count) = (value.ToList(budget), Numbers.Need(given[0]!));
            if (count == 0)
                throw new TemplateFailure("integer division or modulo by zero");
            var (size, longer, start) = (items.Count / count, items.Count % count, 0);
            for (var number = 0; number < count; number++)
            {
                budget.Step();
                var length = size + (number < longer ? 1 : 0);
                var part = items.GetRange(start, length);
                if (given[1] is { } fill and not NoneValue && number >= longer)
                    part.Add(fill);
                start += length;
                yield return new ListValue(part);
            }
        }
    }

    /// <summary>The items from the last to the first, where the type can do that.</summary>
    private static IEnumerable<Value>? Backwards(Value value) => value switch
    {
        SequenceValue sequence => sequence.Items.Reverse(),
        TextValue or DictValue or DictViewValue or RangeValue or UndefinedValue => value.Iterate()!.Reverse(),
        _ => null,
    };
}
