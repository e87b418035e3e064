using System.Collections.Frozen;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>
/// The methods of str that templates call. On a Markup, text arguments are escaped and results are Markup, as MarkupSafe does it for the
/// methods that give texts.
/// </summary>
internal static class TextMethods
{
    private delegate Value Body(TextValue self, Value?[] given, Budget budget);

    /// <param name="Parameters">Their names; <c>name=</c> may also be given by name.</param>
    /// <param name="Escapes">On a Markup: escape the arguments and mark the result.</param>
    private sealed record Method(string[] Parameters, int Required, Body Body, bool Escapes = false);

    private static readonly FrozenDictionary<string, Method> All = new Dictionary<string, Method>
    {
        ["strip"] = new(["chars"], 0, (self, given, _) => TextSplitting.Strip(self.Text, given[0], true, true), true),
        ["lstrip"] = new(["chars"], 0, (self, given, _) => TextSplitting.Strip(self.Text, given[0], true, false), true),
        ["rstrip"] = new(["chars"], 0, (self, given, _) => TextSplitting.Strip(self.Text, given[0], false, true), true),
        ["split"] = new(["sep=", "maxsplit="], 0, (self, given, budget) => TextSplitting.Split(self, given[0], given[1], budget)),
        ["rsplit"] = new(["sep=", "maxsplit="], 0, (self, given, budget) => TextSplitting.SplitFromEnd(self, given[0], given[1], budget)),
        ["splitlines"] = new(["keepends="], 0, (self, given, budget) => TextSplitting.List(PythonText.Lines(self.Text, given[0]?.Truth == true), self, budget)),
        ["partition"] = new(["sep"], 1, (self, given, _) => TextSplitting.Partition(self, Text(given[0]!), last: false)),
        ["rpartition"] = new(["sep"], 1, (self, given, _) => TextSplitting.Partition(self, Text(given[0]!), last: true)),
        ["startswith"] = new(["prefix", "start", "end"], 1, (self, given, _) => TextSearch.Begins(self.Text, given, atEnd: false)),
        ["endswith"] = new(["suffix", "start", "end"], 1, (self, given, _) => TextSearch.Begins(self.Text, given, atEnd: true)),
        ["find"] = new(["sub", "start", "end"], 1, (self, given, _) => TextSearch.Find(self.Text, given, last: false)),
        ["rfind"] = new(["sub", "start", "end"], 1, (self, given, _) => TextSearch.Find(self.Text, given, last: true)),
        ["index"] = new(["sub", "start", "end"], 1, (self, given, _) => TextSearch.Need(TextSearch.Find(self.Text, given, last: false))),
        ["rindex"] = new(["sub", "start", "end"], 1, (self, given, _) => TextSearch.Need(TextSearch.Find(self.Text, given, last: true))),
        ["count"] = new(["sub", "start", "end"], 1, (self, given, _) => TextSearch.Count(self.Text, given)),
        ["replace"] = new(["old", "new", "count="], 2, (self, given, budget) => TextSearch.Replace(self.Text, Text(given[0]!), Text(given[1]!), given[2] is { } most ? Numbers.Need(most) : -1, budget), true),
        ["removeprefix"] = new(["prefix"], 1, (self, given, _) => Text(given[0]!) is var part && self.Text.StartsWith(part, StringComparison.Ordinal) ? self.Text[part.Length..] : self.Text, true),
        ["removesuffix"] = new(["suffix"], 1, (self, given, _) => Text(given[0]!) is var part && self.Text.EndsWith(part, StringComparison.Ordinal) ? self.Text[..^part.Length] : self.Text, true),
        ["upper"] = Plain(LetterCase.Upper),
        ["lower"] = Plain(LetterCase.Lower),
        ["title"] = Plain(LetterCase.Title),
        ["capitalize"] = Plain(LetterCase.Capitalize),
        ["swapcase"] = Plain(LetterCase.SwapCase),
        ["casefold"] = Plain(LetterCase.Fold),
        ["join"] = new(["iterable"], 1, (self, given, budget) => TextSearch.Join(self, given[0]!, budget)),
        ["zfill"] = new(["width"], 1, (self, given, budget) => TextPadding.ZeroFill(self.Text, Numbers.Need(given[0]!), budget), true),
        ["ljust"] = new(["width", "fillchar"], 1, (self, given, budget) => TextPadding.Pad(self.Text, given, (_, _) => 0, budget), true),
        ["rjust"] = new(["width", "fillchar"], 1, (self, given, budget) => TextPadding.Pad(self.Text, given, (missing, _) => missing, budget), true),
        ["center"] = new(["width", "fillchar"], 1, (self, given, budget) => TextPadding.Pad(self.Text, given, TextPadding.Centered, budget), true),
        ["expandtabs"] = new(["tabsize="], 0, (self, given, budget) => TextPadding.ExpandTabs(self.Text, given[0] is { } size ? Numbers.Need(size) : 8, budget), true),
        ["isdigit"] = Asks(TextKinds.IsDigit),
        ["isdecimal"] = Asks(TextKinds.IsDecimal),
        ["isnumeric"] = Asks(TextKinds.IsNumeric),
        ["isalpha"] = Asks(TextKinds.IsAlpha),
        ["isalnum"] = Asks(TextKinds.IsAlphanumeric),
        ["isspace"] = Asks(TextKinds.IsSpace),
        ["isupper"] = Asks(TextKinds.IsUpper),
        ["islower"] = Asks(TextKinds.IsLower),
        ["istitle"] = Asks(TextKinds.IsTitle),
        ["isascii"] = Asks(text => text.All(char.IsAscii)),
        ["isidentifier"] = Asks(TextKinds.IsIdentifier),
        ["isprintable"] = Asks(text => CodePoints.Numbers(text).All(PythonText.Prints)),
        ["encode"] = new(["encoding=", "errors="], 0, (_, _, _) => throw new TemplateFailure("encode() makes bytes, which templates here have no use for")),
        ["translate"] = new(["table"], 1, (_, _, _) => throw new TemplateFailure("translate() is not supported: use replace()")),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Value? Of(TextValue self, string name) => name switch
    {
        "format" => new FunctionValue(name, (arguments, budget) => new TextValue(new BraceFormat(self.Safe, arguments.Placed, arguments.Find, budget).Written(self.Text), self.Safe)),
        "format_map" => new FunctionValue(name, (arguments, budget) => new TextValue(new BraceFormat(self.Safe, [], key => arguments.One(name).Item(key), budget).Written(self.Text), self.Safe)),
        "unescape" or "striptags" when self.Safe => new FunctionValue(name, (_, budget) => name == "striptags" ? Markups.StripTags(self.Text, budget) : Markups.Unescape(self.Text)),
        _ => All.TryGetValue(name, out var method) ? new FunctionValue(name, (arguments, budget) => Call(self, name, method, arguments, budget)) : null,
    };

    public static string Text(Value value) => value is TextValue text ? text.Text : throw new TemplateFailure($"must be str, not {value.TypeName}");

    private static Value Call(TextValue self, string name, Method method, CallArguments arguments, Budget budget)
    {
        var (parameters, byName) = (method.Parameters.Select(parameter => parameter.TrimEnd('=')).ToArray(), method.Parameters.Where(parameter => parameter.EndsWith('=')).Select(parameter => parameter.TrimEnd('=')).ToArray());
        foreach (var (given, _) in arguments.Named)
        {
            if (!byName.Contains(given, StringComparer.Ordinal))
                throw new TemplateFailure($"str.{name}() got an unexpected keyword argument '{given}'");
        }
        var values = arguments.Take($"str.{name}", parameters, method.Required);
        budget.Step(1 + self.Text.Length / 64);
        if (!self.Safe || !method.Escapes)
            return Made(method.Body(self, values, budget), budget);
        for (var index = 0; index < values.Length; index++)
        {
            if (values[index] is TextValue { Safe: false } text)
                values[index] = TextValue.Escape(text, budget);
        }
        return new TextValue(((TextValue)Made(method.Body(self, values, budget), budget)).Text, safe: true);
    }

    private static Value Made(Value value, Budget budget)
    {
        if (value is TextValue text)
            budget.Text(text.Text.Length);
        return value;
    }

    private static Method Plain(Func<string, string> of) => new([], 0, (self, _, _) => of(self.Text), true);

    private static Method Asks(Func<string, bool> of) => new([], 0, (self, _, _) => of(self.Text));
}
