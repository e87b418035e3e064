namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>
/// Jinja's two lookups: <c>a.b</c> tries the attribute, then the item; <c>a['b']</c> the item, then the attribute. What the sandbox hides,
/// and what is not there, is undefined.
/// </summary>
internal static class Lookups
{
    public static Value Attribute(Value holder, string name)
    {
        if (holder.Hides(name))
            return UndefinedValue.Unsafe(holder, name);
        if (holder.Attribute(name) is { } found)
            return Visible(holder, name, found);
        if (IsPythons(name))
            return UndefinedValue.Unsafe(holder, name);
        return holder.Item(name) ?? UndefinedValue.Of(holder, name);
    }

    public static Value Item(Value holder, Value key)
    {
        if (holder.Item(key) is { } item)
            return item;
        if (key is not TextValue { Text: var name })
            return UndefinedValue.Of(holder, key);
        if (holder.Hides(name) || IsPythons(name))
            return UndefinedValue.Unsafe(holder, name);
        return holder.Attribute(name) is { } found ? Visible(holder, name, found) : UndefinedValue.Of(holder, key);
    }

    private static Value Visible(Value holder, string name, Value found) => name.StartsWith('_') ? UndefinedValue.Unsafe(holder, name) : found;

    /// <summary>Attributes that every Python object has; templates never get to see them.</summary>
    private static bool IsPythons(string name) => name is "__class__" or "__doc__" or "__dict__" or "__init__" or "__eq__" or "__hash__" or "__str__" or "__repr__"
        or "__getattribute__" or "__setattr__" or "__delattr__" or "__dir__" or "__format__" or "__new__" or "__reduce__" or "__reduce_ex__" or "__sizeof__"
        or "__init_subclass__" or "__subclasshook__" or "__ne__" or "__lt__" or "__le__" or "__gt__" or "__ge__";
}
