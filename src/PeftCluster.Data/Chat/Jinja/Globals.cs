using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja;

/// <summary>The functions that every template has: Jinja's, less lipsum, and transformers' raise_exception and strftime_now.</summary>
internal static class Globals
{
    public static Dictionary<string, Value> For(DateTime now) => new(StringComparer.Ordinal)
    {
        ["range"] = Function("range", Range),
        ["dict"] = Function("dict", (arguments, budget) => new DictValue(Pairs("dict", arguments, budget))),
        ["namespace"] = Function("namespace", (arguments, budget) => new NamespaceValue(Pairs("namespace", arguments, budget))),
        ["cycler"] = Function("cycler", (arguments, _) => arguments is { Placed.Count: > 0, Named.Count: 0 } ? new CyclerValue(arguments.Placed) : throw new TemplateFailure("at least one item has to be provided")),
        ["joiner"] = Function("joiner", (arguments, _) => new JoinerValue(arguments.Take("joiner", ["sep"], 0)[0] ?? ", ")),
        ["lipsum"] = Function("lipsum", (_, _) => throw new TemplateFailure("lipsum() makes random text, which has no place in training data")),
        ["raise_exception"] = Function("raise_exception", (arguments, budget) => throw new TemplateFailure(arguments.Take("raise_exception", ["message"], 1)[0]!.Str(budget), raised: true)),
        ["strftime_now"] = Function("strftime_now", (arguments, budget) => budget.Made(TimeFormat.Of(now, TextMethods.Text(arguments.Take("strftime_now", ["format"], 1)[0]!)))),
    };

    private static FunctionValue Function(string name, Func<CallArguments, Budget, Value> body) => new(name, body);

    private static RangeValue Range(CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("range", ["start", "stop", "step"], 1, named: false);
        var numbers = given.Select(value => value is null ? (System.Numerics.BigInteger?)null : Whole(value)).ToList();
        return numbers[1] is { } stop ? new RangeValue(numbers[0]!.Value, stop, numbers[2] ?? 1) : new RangeValue(0, numbers[0]!.Value, 1);
    }

    private static System.Numerics.BigInteger Whole(Value value) => value is UndefinedValue missing ? throw missing.Failure
        : Numbers.Int(value) ?? throw new TemplateFailure($"'{value.TypeName}' object cannot be interpreted as an integer");

    /// <summary>dict(mapping or pairs, name=value, …)</summary>
    private static IEnumerable<KeyValuePair<Value, Value>> Pairs(string function, CallArguments arguments, Budget budget)
    {
        if (arguments.Placed.Count > 1)
            throw new TemplateFailure($"{function} expected at most 1 argument, got {arguments.Placed.Count}");
        IEnumerable<KeyValuePair<Value, Value>> first = arguments.Placed.Count == 0 ? []
            : arguments.Placed[0] is DictValue dict ? dict.Pairs
            : arguments.Placed[0].ToList(budget).Select(pair => pair.ToList(budget) is [var key, var value] ? KeyValuePair.Create(key, value)
                : throw new TemplateFailure("dictionary update sequence elements have to be pairs"));
        budget.Step(arguments.Named.Count);
        return first.Concat(arguments.Named.Select(pair => KeyValuePair.Create((Value)pair.Key, pair.Value)));
    }
}
