using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>map, select, reject and their kin. They compute as they are read, and a wrong filter's name is found out then.</summary>
internal static class SelectFilters
{
    public static Value Select(Value value, CallArguments arguments, Budget budget) => Chosen(value, arguments, budget, keep: true, byAttribute: false);

    public static Value Reject(Value value, CallArguments arguments, Budget budget) => Chosen(value, arguments, budget, keep: false, byAttribute: false);

    public static Value SelectAttr(Value value, CallArguments arguments, Budget budget) => Chosen(value, arguments, budget, keep: true, byAttribute: true);

    public static Value RejectAttr(Value value, CallArguments arguments, Budget budget) => Chosen(value, arguments, budget, keep: false, byAttribute: true);

    public static Value Map(Value value, CallArguments arguments, Budget budget)
    {
        return new IteratorValue("generator", Each());

        IEnumerable<Value> Each()
        {
            if (!value.Truth)
                yield break;
            var map = Mapping(arguments, budget);
            foreach (var item in value.NeedIterate())
            {
                budget.Step();
                yield return map(item);
            }
        }
    }

    /// <summary>The attribute of a value, never an item.</summary>
    public static Value Attr(Value value, CallArguments arguments, Budget budget)
    {
        var name = TextMethods.Text(arguments.Take("attr", ["name"], 1)[0]!);
        return value.Attribute(name) is null && !value.Hides(name) && !name.StartsWith("__", StringComparison.Ordinal) ? UndefinedValue.Of(value, name) : Lookups.Attribute(value, name);
    }

    private static Func<Value, Value> Mapping(CallArguments arguments, Budget budget)
    {
        if (arguments.Placed.Count == 0 && arguments.Find("attribute") is { } attribute)
        {
            if (arguments.Named.FirstOrDefault(pair => pair.Key is not ("attribute" or "default")) is { Key: { } unknown })
                throw new TemplateFailure($"Unexpected keyword argument '{unknown}'");
            return AttributePath.Of(attribute, budget, arguments.Find("default")).Get;
        }
        if (arguments.Placed.Count == 0)
            throw new TemplateFailure("map requires a filter argument");
        var (name, rest) = (Name(arguments.Placed[0]), arguments with { Placed = [.. arguments.Placed.Skip(1)] });
        return item => FilterTable.Apply(name, item, rest, budget) ?? throw new TemplateFailure($"No filter named '{Formats.OneLine.Piece(name)}'.");
    }

    private static IteratorValue Chosen(Value value, CallArguments arguments, Budget budget, bool keep, bool byAttribute)
    {
        return new IteratorValue("generator", Each());

        IEnumerable<Value> Each()
        {
            if (!value.Truth)
                yield break;
            var holds = Condition(arguments, budget, byAttribute);
            foreach (var item in value.NeedIterate())
            {
                budget.Step();
                if (holds(item) == keep)
                    yield return item;
            }
        }
    }

    private static Func<Value, bool> Condition(CallArguments arguments, Budget budget, bool byAttribute)
    {
        var placed = arguments.Placed;
        if (byAttribute && placed.Count == 0)
            throw new TemplateFailure("Missing parameter for attribute name");
        var path = byAttribute ? AttributePath.Of(placed[0], budget) : null;
        var skip = byAttribute ? 1 : 0;
        if (placed.Count == skip)
            return item => (path?.Get(item) ?? item).Truth;
        var (name, rest) = (Name(placed[skip]), arguments with { Placed = [.. placed.Skip(skip + 1)] });
        return item => (TestTable.Apply(name, path?.Get(item) ?? item, rest, budget) ?? throw new TemplateFailure($"No test named '{Formats.OneLine.Piece(name)}'.")).Truth;
    }

    private static string Name(Value value) => value is TextValue text ? text.Text : throw new TemplateFailure($"a filter or test is named by a text, not by {value.TypeName}");
}
