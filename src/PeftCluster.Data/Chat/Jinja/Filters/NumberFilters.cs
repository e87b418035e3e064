using System.Globalization;
using System.Numerics;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>abs, int, float, round, sum and filesizeformat.</summary>
internal static class NumberFilters
{
    public static Value Abs(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("abs", [], 0);
        return value is FloatValue real ? new FloatValue(Math.Abs(real.Number))
            : Numbers.Int(value) is { } number ? IntValue.Of(BigInteger.Abs(number))
            : throw new TemplateFailure($"bad operand type for abs(): '{value.TypeName}'");
    }

    public static Value Int(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("int", ["default", "base"], 0);
        if (value is UndefinedValue missing)
            throw missing.Failure;
        if (value is TextValue text && ParsedNumbers.Int(text.Text, given[1] is { } radix ? Numbers.Need(radix) : 10) is { } parsed)
            return IntValue.Of(parsed);
        if (Numbers.Int(value) is { } number)
            return IntValue.Of(number);
        if (value is FloatValue { Number: var infinite } && double.IsInfinity(infinite))
            throw new TemplateFailure("cannot convert float infinity to integer");
        var real = value is FloatValue given0 ? given0.Number : value is TextValue word ? ParsedNumbers.Float(word.Text) : null;
        return real is { } found && double.IsFinite(found) ? IntValue.Of(new BigInteger(found)) : given[0] ?? 0;
    }

    public static Value Float(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("float", ["default"], 0);
        return value switch
        {
            UndefinedValue missing => throw missing.Failure,
            _ when Numbers.Is(value) => new FloatValue(Numbers.Real(value)),
            TextValue text when ParsedNumbers.Float(text.Text) is { } number => new FloatValue(number),
            _ => given[0] ?? new FloatValue(0),
        };
    }

    public static Value Round(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("round", ["precision", "method"], 0);
        var precision = given[0] is { } places ? Numbers.Need(places) : 0;
        var method = given[1] is null ? "common" : given[1] is TextValue { Text: "common" or "ceil" or "floor" } word ? word.Text
            : throw new TemplateFailure("method must be common, ceil or floor");
        if (!Numbers.Is(value))
            throw new TemplateFailure(value is UndefinedValue missing ? missing.Message : $"type {value.TypeName} doesn't define __round__ method");
        if (method == "common")
            return value is FloatValue real ? new FloatValue(FloatDigits.Round(real.Number, precision)) : IntValue.Of(Rounded(Numbers.Int(value)!.Value, precision));
        var scale = Arithmetic.Binary("**", 10, precision, budget);
        var scaled = Arithmetic.Multiply(value, scale, budget);
        var whole = Numbers.Int(scaled) ?? (scaled is FloatValue { Number: var number } && double.IsFinite(number)
            ? new BigInteger(method == "ceil" ? Math.Ceiling(number) : Math.Floor(number))
            : throw new TemplateFailure("cannot convert float infinity to integer"));
        return Arithmetic.Binary("/", IntValue.Of(whole), scale, budget);
    }

    /// <summary>sum(): floats with what rounding loses kept beside them, as Python has it since 3.12.</summary>
    public static Value Sum(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("sum", ["attribute", "start"], 0);
        var path = AttributePath.Of(given[0] ?? NoneValue.None, budget);
        var sum = given[1] ?? 0;
        if (sum is TextValue)
            throw new TemplateFailure("sum() can't sum strings [use ''.join(seq) instead]");
        double? lost = null;
        foreach (var item in value.NeedIterate().Select(path.Get))
        {
            budget.Step();
            if (sum is FloatValue { Number: var before } && Numbers.Is(item))
            {
                var (added, total) = (Numbers.Real(item), before + Numbers.Real(item));
                lost = (lost ?? 0) + (Math.Abs(before) >= Math.Abs(added) ? before - total + added : added - total + before);
                sum = new FloatValue(total);
                continue;
            }
            sum = Arithmetic.Add(sum, item, budget);
        }
        return sum is FloatValue { Number: var hi } && lost is { } lo && lo != 0 && double.IsFinite(lo) ? new FloatValue(hi + lo) : sum;
    }

    public static Value FileSizeFormat(Value value, CallArguments arguments, Budget budget)
    {
        var binary = arguments.Take("filesizeformat", ["binary"], 0)[0]?.Truth == true;
        var bytes = Float(value, CallArguments.None, budget) is FloatValue { Number: var number } && (Numbers.Is(value) || (value is TextValue text && ParsedNumbers.Float(text.Text) is not null))
            ? number : throw new TemplateFailure($"could not convert {value.TypeName} to float");
        double size = binary ? 1024 : 1000;
        if (bytes == 1)
            return "1 Byte";
        if (bytes < size)
            return string.Create(CultureInfo.InvariantCulture, $"{new BigInteger(bytes)} Bytes");
        var (unit, power) = (size * size, 0);
        while (bytes >= unit && power < 7)
            (unit, power) = (unit * size, power + 1);
        return $"{RealFormat.Of(size * bytes / unit, 'f', 1, false)} {"kMGTPEZY"[power] switch { 'k' when binary => 'K', var prefix => prefix }}{(binary ? "iB" : "B")}";
    }

    private static BigInteger Rounded(BigInteger number, int precision)
    {
        if (precision >= 0)
            return number;
        if (-precision > number.GetBitLength())
            return 0;
        var unit = BigInteger.Pow(10, -precision);
        var whole = BigInteger.DivRem(BigInteger.Abs(number), unit, out var rest);
        var half = (rest * 2).CompareTo(unit);
        return (half > 0 || (half == 0 && !whole.IsEven) ? whole + 1 : whole) * unit * number.Sign;
    }
}
