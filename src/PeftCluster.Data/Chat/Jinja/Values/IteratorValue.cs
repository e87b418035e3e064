namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>A generator or another iterator (map, select, reverse, …): computed as it is read, and read once. A second loop over it finds nothing.</summary>
internal sealed class IteratorValue(string typeName, IEnumerable<Value> items) : Value
{
    private readonly IEnumerator<Value> _items = items.GetEnumerator();
    private bool _running;

    public override string TypeName => typeName;

    public override IEnumerable<Value> Iterate()
    {
        while (Next() is { } item)
            yield return item;
    }

    public override void Repr(ReprWriter to) => to.Add($"<{typeName} object>");

    private Value? Next()
    {
        if (_running)
            throw new TemplateFailure("generator already executing");
        _running = true;
        try
        {
            return _items.MoveNext() ? _items.Current : null;
        }
        finally
        {
            _running = false;
        }
    }
}
