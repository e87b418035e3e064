using System.Numerics;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>value[start:stop:step], with Python's rules for places below zero, beyond the end and for steps backwards.</summary>
internal static class Slices
{
    public static Value Of(Value value, Value? start, Value? stop, Value? step, bool undefinedIfNone, Budget budget)
    {
        if (value is UndefinedValue missing)
            throw missing.Failure;
        if (value is not (TextValue or SequenceValue or RangeValue) && undefinedIfNone)
            return new UndefinedValue($"{value.TypeName} object has no slices");
        if (value is not (TextValue or SequenceValue or RangeValue))
            throw new TemplateFailure($"'{value.TypeName}' object is not subscriptable by a slice");
        var length = value.Length!.Value;
        var (from, count, by) = Places(start, stop, step, length);
        if (value is RangeValue range)
            return new RangeValue(range.Start + from * range.Step, range.Start + (from + count * by) * range.Step, range.Step * by);
        budget.Step(1 + count / 16);
        if (value is TextValue text)
            return new TextValue(budget.Made(Cut(text.Text, from, count, by)), text.Safe);
        var items = ((SequenceValue)value).Items;
        budget.Step(count);
        Value[] taken = [.. Enumerable.Range(0, count).Select(index => items[(int)(from + (long)index * by)])];
        return value is ListValue ? new ListValue(taken) : new TupleValue(taken);
    }

    /// <summary>The two places that find(text, start, stop) and its like mean.</summary>
    public static (int Start, int Stop) Between(Value? start, Value? stop, int length)
    {
        var (from, to) = (Place(start, 0, length, false), Place(stop, length, length, false));
        return (from, to);
    }

    private static string Cut(string text, int from, int count, int by)
    {
        if (by == 1)
        {
            var start = CodePoints.CharOf(text, from);
            return CodePoints.OnePerChar(text) ? text.Substring(from, count) : text[start..(start + CodePoints.CharOf(text[start..], count))];
        }
        var numbers = CodePoints.Numbers(text);
        return CodePoints.Text(Enumerable.Range(0, count).Select(index => numbers[(int)(from + (long)index * by)]));
    }

    private static (int From, int Count, int By) Places(Value? start, Value? stop, Value? step, int length)
    {
        var by = step is null or NoneValue ? 1 : Need(step);
        if (by == 0)
            throw new TemplateFailure("slice step cannot be zero");
        var back = by < 0;
        var from = Place(start, back ? length - 1 : 0, length, back);
        var to = Place(stop, back ? -1 : length, length, back);
        var count = back ? (from - (long)to - by - 1) / -(long)by : (to - (long)from + by - 1) / by;
        return (from, (int)Math.Max(0, count), by);
    }

    private static int Place(Value? given, int missing, int length, bool back)
    {
        if (given is null or NoneValue)
            return missing;
        BigInteger place = Need(given);
        if (place < 0)
            place += length;
        return (int)BigInteger.Min(BigInteger.Max(place, back ? -1 : 0), back ? length - 1 : length);
    }

    private static int Need(Value value) => value is UndefinedValue || Numbers.Int(value) is null
        ? throw new TemplateFailure("slice indices must be integers or None or have an __index__ method")
        : Numbers.Need(value);
}
