using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>Puts together Python's repr() of a value, within the budget.</summary>
internal sealed class ReprWriter(Budget budget)
{
    private readonly StringBuilder _text = new();

    public static string Of(Value value, Budget budget)
    {
        var writer = new ReprWriter(budget);
        value.Repr(writer);
        return writer._text.ToString();
    }

    public ReprWriter Add(string text)
    {
        budget.Text(text.Length);
        _text.Append(text);
        return this;
    }

    public ReprWriter Add(Value value)
    {
        budget.Step();
        Budget.Guard();
        value.Repr(this);
        return this;
    }

    /// <summary>A text in quotes, as Python writes it.</summary>
    public ReprWriter AddQuoted(string text) => Add(PythonText.Repr(text));

    public ReprWriter AddAll(IEnumerable<Value> values)
    {
        var first = true;
        foreach (var value in values)
        {
            if (!first)
                Add(", ");
            first = false;
            Add(value);
        }
        return this;
    }

    public ReprWriter AddPairs(IEnumerable<KeyValuePair<Value, Value>> pairs, string between)
    {
        var first = true;
        foreach (var (key, value) in pairs)
        {
            if (!first)
                Add(", ");
            first = false;
            Add(key).Add(between).Add(value);
        }
        return this;
    }
}
