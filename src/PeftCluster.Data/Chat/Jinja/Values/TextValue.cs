using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>A str; with <see cref="Safe"/> a Markup, a text that counts as HTML already and escapes what it is joined with.</summary>
internal sealed class TextValue(string text, bool safe = false) : Value
{
    public static TextValue Empty { get; } = new("");

    public string Text => text;

    public bool Safe => safe;

    public override string TypeName => safe ? "Markup" : "str";

    public override bool Truth => text.Length > 0;

    public override int? Length => CodePoints.Length(text);

    public override IEnumerable<Value> Iterate() => CodePoints.Each(text).Select(letter => (Value)letter);

    public override Value? Item(Value key)
    {
        if (Numbers.Index(key, Length!.Value) is not { } index)
            return null;
        var start = CodePoints.CharOf(text, index);
        var size = start + 1 < text.Length && char.IsSurrogatePair(text[start], text[start + 1]) ? 2 : 1;
        return new TextValue(text.Substring(start, size), safe);
    }

    public override Value? Attribute(string name) => TextMethods.Of(this, name);

    public override void Repr(ReprWriter to)
    {
        if (safe)
            to.Add("Markup(").AddQuoted(text).Add(")");
        else
            to.AddQuoted(text);
    }

    public override string Str(Budget budget) => text;

    /// <summary>The text of another value as HTML; what is safe already stays.</summary>
    public static TextValue Escape(Value value, Budget budget) => value is TextValue { Safe: true } markup
        ? markup
        : new TextValue(budget.Made(value.Str(budget).Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal)), safe: true);
}
