namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>A dict: in order of insertion, its keys compared as Python compares them (1, 1.0 and True are one key).</summary>
internal sealed class DictValue : Value
{
    private static readonly HashSet<string> Changing = ["clear", "pop", "popitem", "setdefault", "update"];

    private readonly List<KeyValuePair<Value, Value>> _pairs = [];
    private readonly Dictionary<Value, int> _places = new(Equality.Keys);

    public DictValue(IEnumerable<KeyValuePair<Value, Value>> pairs)
    {
        foreach (var (key, value) in pairs)
        {
            if (_places.TryGetValue(key, out var place))
                _pairs[place] = new(_pairs[place].Key, value); // the first key stays, as in Python
            else
                Add(key, value);
        }
    }

    public override string TypeName => "dict";

    public override int? Length => _pairs.Count;

    public IReadOnlyList<KeyValuePair<Value, Value>> Pairs => _pairs;

    public override IEnumerable<Value> Iterate() => _pairs.Select(pair => pair.Key);

    public override Value? Item(Value key) => Equality.IsHashable(key) && _places.TryGetValue(key, out var place) ? _pairs[place].Value : null;

    /// <summary>`key in dict`; a key that cannot be one is an error.</summary>
    public bool Has(Value key) => _places.ContainsKey(key);

    public override bool Hides(string attribute) => Changing.Contains(attribute);

    public override Value? Attribute(string name) => name switch
    {
        "items" or "keys" or "values" => new FunctionValue(name, (arguments, _) =>
        {
            arguments.Take(name, [], 0);
            return new DictViewValue(this, name);
        }),
        "get" => new FunctionValue(name, (arguments, _) =>
        {
            var given = arguments.Take(name, ["key", "default"], 1, named: false);
            return _places.TryGetValue(given[0]!, out var place) ? _pairs[place].Value : given[1] ?? NoneValue.None;
        }),
        "copy" => new FunctionValue(name, (arguments, budget) =>
        {
            arguments.Take(name, [], 0);
            budget.Step(_pairs.Count);
            return new DictValue(_pairs);
        }),
        "fromkeys" => new FunctionValue(name, (arguments, budget) =>
        {
            var given = arguments.Take(name, ["iterable", "value"], 1, named: false);
            return new DictValue(given[0]!.ToList(budget).Select(key => KeyValuePair.Create(key, given[1] ?? NoneValue.None)));
        }),
        _ => null,
    };

    public override void Repr(ReprWriter to) => to.Add("{").AddPairs(_pairs, ": ").Add("}");

    private void Add(Value key, Value value)
    {
        _places.Add(key, _pairs.Count);
        _pairs.Add(new(key, value));
    }
}

/// <summary>d.items(), d.keys() or d.values(): a view that has a length and no items of its own.</summary>
internal sealed class DictViewValue(DictValue dict, string kind) : Value
{
    public override string TypeName => $"dict_{kind}";

    public string Kind => kind;

    public DictValue Dict => dict;

    public override int? Length => dict.Length;

    public override IEnumerable<Value> Iterate() => kind switch
    {
        "keys" => dict.Pairs.Select(pair => pair.Key),
        "values" => dict.Pairs.Select(pair => pair.Value),
        _ => dict.Pairs.Select(pair => (Value)new TupleValue([pair.Key, pair.Value])),
    };

    public override void Repr(ReprWriter to) => to.Add(TypeName).Add("([").AddAll(Iterate()).Add("])");
}
