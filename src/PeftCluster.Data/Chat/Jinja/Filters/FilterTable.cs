using System.Collections.Frozen;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>What a filter does with a value and the arguments behind its name.</summary>
internal delegate Value Filter(Value value, CallArguments arguments, Budget budget);

/// <summary>What a test says of a value.</summary>
internal delegate bool Test(Value value, CallArguments arguments, Budget budget);

/// <summary>Jinja's filters by name, with transformers' tojson.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Filter> All = new Dictionary<string, Filter>
    {
        ["abs"] = NumberFilters.Abs,
        ["attr"] = SelectFilters.Attr,
        ["batch"] = SequenceFilters.Batch,
        ["capitalize"] = TextFilters.Capitalize,
        ["center"] = TextFilters.Center,
        ["count"] = SequenceFilters.Length,
        ["d"] = SequenceFilters.Default,
        ["default"] = SequenceFilters.Default,
        ["dictsort"] = OrderFilters.DictSort,
        ["e"] = TextFilters.Escape,
        ["escape"] = TextFilters.Escape,
        ["filesizeformat"] = NumberFilters.FileSizeFormat,
        ["first"] = SequenceFilters.First,
        ["float"] = NumberFilters.Float,
        ["forceescape"] = TextFilters.ForceEscape,
        ["format"] = TextFilters.Format,
        ["groupby"] = OrderFilters.GroupBy,
        ["indent"] = LineFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = SequenceFilters.Items,
        ["join"] = SequenceFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = SequenceFilters.Length,
        ["list"] = SequenceFilters.List,
        ["lower"] = TextFilters.Lower,
        ["map"] = SelectFilters.Map,
        ["max"] = OrderFilters.Max,
        ["min"] = OrderFilters.Min,
        ["pprint"] = Refused("pprint", "use tojson(indent=2)"),
        ["random"] = Refused("random", "a template must give the same text each time"),
        ["reject"] = SelectFilters.Reject,
        ["rejectattr"] = SelectFilters.RejectAttr,
        ["replace"] = TextFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = TextFilters.Safe,
        ["select"] = SelectFilters.Select,
        ["selectattr"] = SelectFilters.SelectAttr,
        ["slice"] = SequenceFilters.Slice,
        ["sort"] = OrderFilters.Sort,
        ["string"] = TextFilters.String,
        ["striptags"] = TextFilters.StripTags,
        ["sum"] = NumberFilters.Sum,
        ["title"] = TextFilters.Title,
        ["tojson"] = JsonFilter.ToJson,
        ["trim"] = TextFilters.Trim,
        ["truncate"] = LineFilters.Truncate,
        ["unique"] = OrderFilters.Unique,
        ["upper"] = TextFilters.Upper,
        ["urlencode"] = TextFilters.UrlEncode,
        ["urlize"] = Refused("urlize", "it makes links of HTML"),
        ["wordcount"] = TextFilters.WordCount,
        ["wordwrap"] = LineFilters.WordWrap,
        ["xmlattr"] = TextFilters.XmlAttr,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Has(string name) => All.ContainsKey(name);

    /// <summary>The value, filtered; null: there is no such filter.</summary>
    public static Value? Apply(string name, Value value, CallArguments arguments, Budget budget) =>
        All.TryGetValue(name, out var filter) ? filter(value, arguments, budget) : null;

    private static Filter Refused(string name, string why) => (_, _, _) => throw new TemplateFailure($"the filter '{name}' is not supported: {why}");
}
