using System.Globalization;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>attribute='function.name' or 'tags.0': what filters look up in each item, items before attributes.</summary>
internal sealed class AttributePath
{
    private readonly IReadOnlyList<Value> _parts;
    private readonly Value? _missing;

    private AttributePath(IReadOnlyList<Value> parts, Value? missing) => (_parts, _missing) = (parts, missing);

    /// <param name="missing">What stands for what is not there.</param>
    public static AttributePath Of(Value attribute, Budget budget, Value? missing = null)
    {
        IReadOnlyList<Value> parts = attribute is TextValue text ? [.. text.Text.Split('.').Select(Part)] : attribute is NoneValue ? [] : [attribute];
        budget.Step(parts.Count);
        return new AttributePath(parts, missing is NoneValue ? null : missing);
    }

    public Value Get(Value item)
    {
        foreach (var part in _parts)
        {
            item = Lookups.Item(item, part);
            if (item is UndefinedValue && _missing is not null)
                item = _missing;
        }
        return item;
    }

    /// <summary>Texts are compared in lower case, unless a filter is told otherwise.</summary>
    public static Value IgnoreCase(Value value) => value is TextValue text ? LetterCase.Lower(text.Text) : value;

    private static Value Part(string part) => TextKinds.IsDigit(part) && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : part;
}
