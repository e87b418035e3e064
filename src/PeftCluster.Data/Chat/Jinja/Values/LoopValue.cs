namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>
/// <c>loop</c>: where a loop is. Items are read one ahead only where a template asks for the next or the last, and all of them where it
/// asks for a length that the items do not have.
/// </summary>
internal sealed class LoopValue(IEnumerable<Value> items, int? length, int depth, Func<Value, int, string>? recurse) : Value
{
    private IEnumerator<Value> _items = items.GetEnumerator();
    private int _index = -1;
    private int? _length = length;
    private Value? _before, _current, _after;
    private TupleValue? _changed;

    public override string TypeName => "LoopContext";

    public override bool Truth => All > 0;

    public override int? Length => All;

    public override bool IsCallable => true;

    private int All => _length ??= Counted();

    /// <summary>The items, one for each round.</summary>
    public IEnumerable<Value> Rounds()
    {
        while (Next() is { } item)
            yield return item;
    }

    public override Value? Attribute(string name) => name switch
    {
        "index" => _index + 1,
        "index0" => _index,
        "revindex" => All - _index,
        "revindex0" => All - _index - 1,
        "first" => _index == 0,
        "last" => Peek() is null,
        "length" => All,
        "depth" => depth + 1,
        "depth0" => depth,
        "previtem" => _index == 0 ? new UndefinedValue("there is no previous item") : _before,
        "nextitem" => Peek() ?? new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue(name, (arguments, _) => arguments.Placed.Count == 0 || arguments.Named.Count > 0
            ? throw new TemplateFailure("no items for cycling given")
            : arguments.Placed[_index % arguments.Placed.Count]),
        "changed" => new FunctionValue(name, (arguments, _) => Changed(new TupleValue(arguments.Placed))),
        _ => null,
    };

    public override Value Call(CallArguments arguments, Budget budget) => recurse is null
        ? throw new TemplateFailure("The loop must have the 'recursive' marker to be called recursively.")
        : recurse(arguments.Take("loop", ["iterable"], 1)[0]!, depth + 1);

    public override void Repr(ReprWriter to) => to.Add("<LoopContext ").Add(IntValue.Of(_index + 1)).Add("/").Add(IntValue.Of(All)).Add(">");

    private Value? Next()
    {
        var item = _after ?? (_items.MoveNext() ? _items.Current : null);
        _after = null;
        if (item is null)
            return null;
        _index++;
        (_before, _current) = (_current, item);
        return item;
    }

    private Value? Peek() => _after ??= _items.MoveNext() ? _items.Current : null;

    private int Counted()
    {
        var rest = new List<Value>();
        while (_items.MoveNext())
            rest.Add(_items.Current);
        _items = rest.GetEnumerator();
        return rest.Count + _index + 1 + (_after is null ? 0 : 1);
    }

    private bool Changed(TupleValue values)
    {
        if (_changed is not null && Equality.Equal(_changed, values))
            return false;
        _changed = values;
        return true;
    }
}
