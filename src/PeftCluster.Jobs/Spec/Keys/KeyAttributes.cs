using System.Diagnostics.CodeAnalysis;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>What an error line shows when the key is missing: the YAML that could stand after "KEY: ".</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute(string yaml) : Attribute
{
    public string Yaml { get; } = yaml;
}

/// <summary>The reader fills this key from others when it is missing (<see cref="JobFile"/>); docs say from what.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FilledInAttribute(string from) : Attribute
{
    public string From { get; } = from;
}

/// <summary>The key does not change what is learnt; <see cref="JobDigest"/> leaves it, or the whole section, out.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OutsideResultAttribute : Attribute;

/// <summary>
/// The key came when runs had been started without it. At the value that says what those runs did, <see cref="JobDigest"/> leaves it out: so they
/// can still be resumed.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddedLaterAttribute : Attribute
{
    /// <summary>Those runs did what the default says.</summary>
    public AddedLaterAttribute()
    {
    }

    /// <summary>The default is another one by now.</summary>
    /// <param name="before">What those runs did.</param>
    public AddedLaterAttribute(object before) => Before = before;

    /// <summary>What runs without the key did; null: what the default says.</summary>
    public object? Before { get; }
}

/// <summary>A path on this machine. A relative one is made absolute against the current folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LocalPathAttribute : Attribute
{
    public LocalPathAttribute()
    {
    }

    /// <summary>A text is a path only with this ending; any other is a name and stays as it is.</summary>
    public LocalPathAttribute(string ending) => Ending = ending;

    public string? Ending { get; }
}

/// <summary>The whole text has to match.</summary>
/// <param name="regex">With ^ and $; also written to the schema, so in the common subset of .NET and ECMAScript.</param>
/// <param name="words">What a text that matches is, in words.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute([StringSyntax(StringSyntaxAttribute.Regex)] string regex, string words) : Attribute
{
    public string Regex { get; } = regex;

    public string Words { get; } = words;
}

/// <summary>A list of names may be this one word instead; it then is the list's only item.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OrWordAttribute(string word) : Attribute
{
    public string Word { get; } = word;
}

/// <summary>A list of module names may be one regular expression instead; it then is the list's only item.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OrPatternAttribute : Attribute;

/// <summary>A list of names may be one name alone instead; it then is the list's only item.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OrOneNameAttribute : Attribute;

/// <summary>The fewest and the most items of a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(int fewest, int most) : Attribute
{
    public int Fewest { get; } = fewest;

    public int Most { get; } = most;
}
