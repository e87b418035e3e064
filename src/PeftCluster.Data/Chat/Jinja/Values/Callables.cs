namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>A function that templates can call, or a method bound to its value.</summary>
internal sealed class FunctionValue(string name, Func<CallArguments, Budget, Value> body) : Value
{
    public string Name => name;

    public override string TypeName => "builtin_function_or_method";

    public override bool IsCallable => true;

    public override Value Call(CallArguments arguments, Budget budget) => body(arguments, budget);

    public override void Repr(ReprWriter to) => to.Add($"<built-in method {name}>");
}

/// <summary>A macro, with the variables around it; its calls give text.</summary>
internal sealed class MacroValue(string? name, Func<CallArguments, Budget, Value> body) : Value
{
    public override string TypeName => "Macro";

    public override bool IsCallable => true;

    public override Value? Attribute(string attribute) => attribute == "name" ? name is null ? NoneValue.None : name : null;

    public override Value Call(CallArguments arguments, Budget budget) => body(arguments, budget);

    public override void Repr(ReprWriter to) => to.Add(name is null ? "<Macro anonymous>" : $"<Macro {Text.PythonText.Repr(name)}>");
}

/// <summary>namespace(…): the one thing that a template can set attributes of, from any scope.</summary>
internal sealed class NamespaceValue(IEnumerable<KeyValuePair<Value, Value>> first) : Value
{
    private readonly Dictionary<string, Value> _values = Fill(first);

    public override string TypeName => "Namespace";

    public void Set(string name, Value value) => _values[name] = value;

    public override Value? Attribute(string name) => _values.GetValueOrDefault(name);

    public override void Repr(ReprWriter to) =>
        to.Add("<Namespace {").AddPairs(_values.Select(pair => KeyValuePair.Create((Value)pair.Key, pair.Value)), ": ").Add("}>");

    private static Dictionary<string, Value> Fill(IEnumerable<KeyValuePair<Value, Value>> pairs)
    {
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
            values[key is TextValue { Text: var name } ? name : throw new TemplateFailure("a namespace's names are texts")] = value;
        return values;
    }
}

/// <summary>cycler(a, b): gives its items one after the other, over and over.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> items) : Value
{
    private int _at;

    public override string TypeName => "Cycler";

    public override Value? Attribute(string name) => name switch
    {
        "items" => new TupleValue(items),
        "pos" => _at,
        "current" => items[_at],
        "next" => new FunctionValue(name, (_, _) => Next()),
        "reset" => new FunctionValue(name, (_, _) =>
        {
            _at = 0;
            return NoneValue.None;
        }),
        _ => null,
    };

    public override void Repr(ReprWriter to) => to.Add("<jinja2.utils.Cycler object>");

    private Value Next()
    {
        var item = items[_at];
        _at = (_at + 1) % items.Count;
        return item;
    }
}

/// <summary>joiner(sep): nothing at its first call, its separator at each later one.</summary>
internal sealed class JoinerValue(Value separator) : Value
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override bool IsCallable => true;

    public override Value? Attribute(string name) => name switch
    {
        "sep" => separator,
        "used" => _used,
        _ => null,
    };

    public override Value Call(CallArguments arguments, Budget budget)
    {
        arguments.Take("joiner", [], 0);
        if (_used)
            return separator;
        _used = true;
        return "";
    }

    public override void Repr(ReprWriter to) => to.Add("<jinja2.utils.Joiner object>");
}
