using System.Globalization;
using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>
/// transformers' tojson: Python's json.dumps, without Jinja's HTML escaping. Its first argument by place is ensure_ascii, so
/// <c>tojson(2)</c> does not indent.
/// </summary>
internal sealed class JsonFilter
{
    private readonly Budget _budget;
    private readonly StringBuilder _text = new();
    private readonly bool _ascii, _sorted;
    private readonly string? _indent;
    private readonly string _between, _behindKey;

    private JsonFilter(Value?[] given, Budget budget)
    {
        _budget = budget;
        (_ascii, _sorted) = (given[0]?.Truth == true, given[3]?.Truth == true);
        _indent = given[1] switch
        {
            null or NoneValue => null,
            TextValue text => text.Text,
            { } width => new string(' ', Math.Clamp(Numbers.Need(width), 0, 1000)),
        };
        (_between, _behindKey) = given[2] is null or NoneValue ? (_indent is null ? ", " : ",", ": ") : Separators(given[2]!.ToList(budget));
    }

    public static Value ToJson(Value value, CallArguments arguments, Budget budget)
    {
        var json = new JsonFilter(arguments.Take("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"], 0), budget);
        json.Write(value, 0);
        return json._text.ToString();
    }

    private static (string, string) Separators(List<Value> given) => given is [TextValue between, TextValue behindKey]
        ? (between.Text, behindKey.Text)
        : throw new TemplateFailure("separators are two texts");

    private void Write(Value value, int depth)
    {
        _budget.Step();
        Budget.Guard();
        switch (value)
        {
            case TextValue text:
                AddQuoted(text.Text);
                break;
            case SequenceValue sequence:
                WriteAll('[', sequence.Items, (item, inner) => Write(item, inner), ']', depth);
                break;
            case DictValue dict:
                WriteAll('{', Ordered(dict), WritePair, '}', depth);
                break;
            default:
                Add(Scalar(value) ?? throw new TemplateFailure($"Object of type {value.TypeName} is not JSON serializable"));
                break;
        }
    }

    private void WritePair(KeyValuePair<Value, Value> pair, int depth)
    {
        AddQuoted(pair.Key is TextValue text ? text.Text
            : Scalar(pair.Key) ?? throw new TemplateFailure($"keys must be str, int, float, bool or None, not {pair.Key.TypeName}"));
        Add(_behindKey);
        Write(pair.Value, depth);
    }

    private void WriteAll<T>(char open, IReadOnlyCollection<T> items, Action<T, int> write, char close, int depth)
    {
        Add(open.ToString());
        var first = true;
        foreach (var item in items)
        {
            Add(first ? "" : _between);
            NewLine(depth + 1);
            write(item, depth + 1);
            first = false;
        }
        if (!first)
            NewLine(depth);
        Add(close.ToString());
    }

    private IReadOnlyCollection<KeyValuePair<Value, Value>> Ordered(DictValue dict) => !_sorted ? dict.Pairs
        : [.. ((ListValue)OrderFilters.DictSort(dict, new CallArguments([true], []), _budget)).Items.Cast<TupleValue>().Select(pair => KeyValuePair.Create(pair.Items[0], pair.Items[1]))];

    private void NewLine(int depth)
    {
        if (_indent is null)
            return;
        Add("\n");
        for (var level = 0; level < depth; level++)
            Add(_indent);
    }

    private static string? Scalar(Value value) => value switch
    {
        NoneValue => "null",
        BoolValue flag => flag.Truth ? "true" : "false",
        IntValue number => IntValue.Digits(number.Number),
        FloatValue { Number: var real } => double.IsFinite(real) ? FloatDigits.Repr(real) : double.IsNaN(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity",
        _ => null,
    };

    private void AddQuoted(string text)
    {
        _budget.Text(text.Length + 2);
        _text.Append('"');
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                < ' ' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                > '~' when _ascii => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => _text.Append(letter),
            };
        }
        _text.Append('"');
    }

    private void Add(string text)
    {
        _budget.Text(text.Length);
        _text.Append(text);
    }
}
