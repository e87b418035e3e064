namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>
/// A Python value as a template sees it. Each kind says how Python's protocols answer for it: truth, length, iteration, items, attributes,
/// call, str and repr. Values do not change, except namespaces, cyclers, joiners, loops and iterators that are read up.
/// </summary>
internal abstract class Value
{
    /// <summary>Python's name of the type: str, list, NoneType, …</summary>
    public abstract string TypeName { get; }

    public virtual bool Truth => Length is not 0;

    /// <summary>len(); null: the type has none.</summary>
    public virtual int? Length => null;

    /// <summary>iter(); null: the type has none.</summary>
    public virtual IEnumerable<Value>? Iterate() => null;

    /// <summary>value[key]; null where Python raises a LookupError or TypeError.</summary>
    public virtual Value? Item(Value key) => null;

    /// <summary>getattr(value, name) for what templates may read; null where Python raises an AttributeError.</summary>
    public virtual Value? Attribute(string name) => null;

    /// <summary>Names of attributes that exist and that the sandbox keeps from templates (append, update, …).</summary>
    public virtual bool Hides(string attribute) => false;

    public virtual Value Call(CallArguments arguments, Budget budget) => throw new TemplateFailure($"'{TypeName}' object is not callable");

    public virtual bool IsCallable => false;

    /// <summary>Writes repr(value).</summary>
    public abstract void Repr(ReprWriter to);

    /// <summary>str(value).</summary>
    public virtual string Str(Budget budget) => ReprWriter.Of(this, budget);

    public IEnumerable<Value> NeedIterate() => Iterate() ?? throw new TemplateFailure($"'{TypeName}' object is not iterable");

    public int NeedLength() => Length ?? throw new TemplateFailure($"object of type '{TypeName}' has no len()");

    /// <summary>list(value), each element counted.</summary>
    public List<Value> ToList(Budget budget)
    {
        var items = new List<Value>();
        foreach (var item in NeedIterate())
        {
            budget.Step();
            items.Add(item);
        }
        return items;
    }

    public static implicit operator Value(string text) => new TextValue(text);

    public static implicit operator Value(int number) => IntValue.Of(number);

    public static implicit operator Value(bool yes) => BoolValue.Of(yes);
}
