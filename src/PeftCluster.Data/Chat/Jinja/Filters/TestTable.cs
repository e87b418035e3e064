using System.Collections.Frozen;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Tree;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>Jinja's tests by name: what stands behind <c>is</c>.</summary>
internal static class TestTable
{
    private static readonly FrozenDictionary<string, Test> All = new Dictionary<string, Test>
    {
        ["odd"] = Asks((value, budget) => Equality.Equal(Arithmetic.Binary("%", value, 2, budget), 1)),
        ["even"] = Asks((value, budget) => Equality.Equal(Arithmetic.Binary("%", value, 2, budget), 0)),
        ["divisibleby"] = Compares("divisibleby", "num", (value, other, budget) => Equality.Equal(Arithmetic.Binary("%", value, other, budget), 0)),
        ["defined"] = Asks(value => value is not UndefinedValue),
        ["undefined"] = Asks(value => value is UndefinedValue),
        ["filter"] = Asks(value => IsKnown(value, FilterTable.Has)),
        ["test"] = Asks(value => IsKnown(value, Has)),
        ["none"] = Asks(value => value is NoneValue),
        ["boolean"] = Asks(value => value is BoolValue),
        ["false"] = Asks(value => value == BoolValue.False),
        ["true"] = Asks(value => value == BoolValue.True),
        ["integer"] = Asks(value => value is IntValue),
        ["float"] = Asks(value => value is FloatValue),
        ["lower"] = Asks((value, budget) => TextKinds.IsLower(value.Str(budget))),
        ["upper"] = Asks((value, budget) => TextKinds.IsUpper(value.Str(budget))),
        ["string"] = Asks(value => value is TextValue),
        ["mapping"] = Asks(value => value is DictValue),
        ["number"] = Asks(Numbers.Is),
        ["sequence"] = Asks(value => value is TextValue or SequenceValue or DictValue or RangeValue or UndefinedValue),
        ["iterable"] = Asks(value => value is LoopValue || value.Iterate() is not null),
        ["callable"] = Asks(value => value.IsCallable),
        ["escaped"] = Asks(value => value is TextValue { Safe: true }),
        ["sameas"] = Compares("sameas", "other", (value, other, _) => Equality.Identical(value, other)),
        ["in"] = Compares("in", "seq", (value, other, budget) => CompareExpression.Holds(value, "in", other, budget)),
        ["=="] = Ordered("=="),
        ["eq"] = Ordered("=="),
        ["equalto"] = Ordered("=="),
        ["!="] = Ordered("!="),
        ["ne"] = Ordered("!="),
        [">"] = Ordered(">"),
        ["gt"] = Ordered(">"),
        ["greaterthan"] = Ordered(">"),
        [">="] = Ordered(">="),
        ["ge"] = Ordered(">="),
        ["<"] = Ordered("<"),
        ["lt"] = Ordered("<"),
        ["lessthan"] = Ordered("<"),
        ["<="] = Ordered("<="),
        ["le"] = Ordered("<="),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Has(string name) => All.ContainsKey(name);

    /// <summary>What the test says; null: there is no such test.</summary>
    public static Value? Apply(string name, Value value, CallArguments arguments, Budget budget) =>
        All.TryGetValue(name, out var test) ? BoolValue.Of(test(value, arguments, budget)) : null;

    /// <summary>A list names no filter, and cannot be asked for: Jinja looks it up as a key.</summary>
    private static bool IsKnown(Value name, Func<string, bool> has) => Equality.IsHashable(name) ? name is TextValue { Text: var text } && has(text)
        : throw new TemplateFailure($"unhashable type: '{name.TypeName}'");

    private static Test Asks(Func<Value, bool> asks) => Asks((value, _) => asks(value));

    private static Test Asks(Func<Value, Budget, bool> asks) => (value, arguments, budget) =>
    {
        arguments.Take("the test", [], 0);
        return asks(value, budget);
    };

    private static Test Compares(string name, string parameter, Func<Value, Value, Budget, bool> compares) =>
        (value, arguments, budget) => compares(value, arguments.Take(name, [parameter], 1)[0]!, budget);

    private static Test Ordered(string sign) => Compares(sign, "other", (value, other, budget) => CompareExpression.Holds(value, sign, other, budget));
}
